import { Flex, Modal, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { qualified, type Version } from "../../api/versions";
import { useLeaving } from "../../shared/useLeaving";
import { usePlace } from "../function/place";
import { Differences } from "./Differences";

interface Props {
  from: string;
  to: string;
  versions: Version[];
  urn: string;
  onClose: () => void;
}

/** Two versions side by side. */
export function Compare({ from, to, versions, urn, onClose }: Props) {
  const { t } = useTranslation("versions");
  const { project } = usePlace();
  const [sides, setSides] = useState({ from, to });
  const choose = (side: "from" | "to") => (
    <Select
      value={sides[side]}
      onChange={(version) => setSides({ ...sides, [side]: version })}
      aria-label={t(side === "from" ? "before" : "after")}
      style={{ minWidth: 180 }}
      options={versions.map(({ version }) => ({ value: version, label: version }))}
    />
  );
  return (
    <Modal
      {...useLeaving(onClose).modal}
      width={900}
      title={t("compareTitle", sides)}
      footer={null}
      styles={{ body: { maxHeight: "75vh", overflow: "auto" } }}
    >
      <Flex vertical gap={12}>
        <Flex gap={8} align="center" wrap>
          {choose("from")}→{choose("to")}
        </Flex>
        <Differences project={project} from={qualified(urn, sides.from)} to={qualified(urn, sides.to)} />
      </Flex>
    </Modal>
  );
}
