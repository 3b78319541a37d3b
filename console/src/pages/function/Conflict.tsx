import { Button, Flex, Modal, Spin, Typography } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { files } from "../../rules/differences";
import { FileDiffs } from "../../shared/FileDiffs";
import { useLeaving } from "../../shared/useLeaving";

interface Props {
  /** The package that is deployed now; undefined until it is there. */
  deployed: Uint8Array | undefined;
  /** The one that would be deployed. */
  own: Uint8Array;
  onOverwrite: () => void;
  /** Gives the changes up for what is deployed. */
  onReload: () => void;
  onClose: () => void;
}

/** Somebody else deployed since the editor was opened: nothing of theirs is overwritten unasked. */
export function Conflict({ deployed, own, onOverwrite, onReload, onClose }: Props) {
  const { t } = useTranslation("fn");
  const { leave, modal } = useLeaving(onClose);
  const differing = useMemo(() => deployed && readable(deployed, own), [deployed, own]);
  return (
    <Modal
      {...modal}
      width={900}
      title={t("code.elsewhere")}
      styles={{ body: { maxHeight: "70vh", overflow: "auto" } }}
      footer={
        <Flex gap={8} wrap justify="end">
          <Button onClick={leave}>{t("cancel", { ns: "common" })}</Button>
          <Button onClick={onReload} disabled={!deployed}>
            {t("code.openTheirs")}
          </Button>
          <Button danger type="primary" onClick={onOverwrite}>
            {t("code.overwrite")}
          </Button>
        </Flex>
      }
    >
      <Typography.Paragraph>{t("code.elsewhereText")}</Typography.Paragraph>
      {differing ? <FileDiffs files={differing} /> : <Spin description={t("code.loading")} />}
    </Modal>
  );
}

/** Of a package that cannot be read nothing can be compared. */
function readable(deployed: Uint8Array, own: Uint8Array) {
  try {
    return files(deployed, own);
  } catch {
    return [];
  }
}
