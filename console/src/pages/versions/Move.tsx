import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Flex, Modal, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { send } from "../../api/call";
import { type Alias, qualified, setAlias, type Version } from "../../api/versions";
import { aliasChange, aliasCommand, aliasFields } from "../../rules/alias";
import { ErrorNote } from "../../shared/ErrorNote";
import { SameAs } from "../../shared/SameAs";
import { useLeaving } from "../../shared/useLeaving";
import { usePlace } from "../function/place";
import { Differences } from "./Differences";

interface Props {
  alias: Alias;
  /** Where it is to go, as long as nobody chooses another. */
  to: string;
  versions: Version[];
  urn: string;
  onClose: () => void;
}

/** One alias to another version, with what that changes. */
export function Move({ alias, to, versions, urn, onClose }: Props) {
  const { t } = useTranslation("versions");
  const { project, urn: name } = usePlace();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const [chosen, choose] = useState(to);
  const fields = aliasFields(alias, alias.version);
  const wanted = { ...fields, version: chosen, share: "none" as const };
  const request = setAlias({ project, urn: name }, alias.name, aliasChange(wanted), false);
  const { leave, modal } = useLeaving(onClose);
  const move = useMutation({
    mutationFn: () => send(request),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["function"] });
      message.success(t("moved", { name: alias.name, version: chosen }));
      leave();
    },
  });
  return (
    <Modal
      {...modal}
      width={900}
      title={t("moveTitle", { name: alias.name })}
      okText={t("moveNow", { version: chosen })}
      okButtonProps={{ disabled: chosen === alias.version && fields.share === "none" }}
      confirmLoading={move.isPending}
      onOk={() => move.mutate()}
      styles={{ body: { maxHeight: "70vh", overflow: "auto" } }}
    >
      <Flex vertical gap={12}>
        <Flex gap={8} align="center" wrap>
          {t("moveTo", { from: alias.version })}
          <Select
            value={chosen}
            onChange={choose}
            aria-label={t("version")}
            style={{ minWidth: 200 }}
            options={versions.map(({ version }) => ({ value: version, label: version }))}
          />
        </Flex>
        {fields.share !== "none" && (
          <Alert type="info" showIcon title={t("dropsShare", { additional: fields.additional })} />
        )}
        <Differences project={project} from={qualified(urn, alias.version)} to={qualified(urn, chosen)} />
        {move.isError && <ErrorNote error={move.error} />}
        <SameAs cli={aliasCommand(name, wanted)} rest={request} />
      </Flex>
    </Modal>
  );
}
