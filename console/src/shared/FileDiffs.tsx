import { Collapse, Flex, Spin, Tag, Typography } from "antd";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { type FileDifference, texts } from "../rules/differences";
import { bytes } from "./format";

const TextDiff = lazy(() => import("./TextDiff"));

/** Above this a text is told by its size only. */
const SHOWN = 512 * 1024;
/** Beyond these only names are shown. */
const FILES = 200;

/** Files that differ, each with its lines. */
export function FileDiffs({ files }: { files: FileDifference[] }) {
  const { t } = useTranslation();
  const shown = files.slice(0, FILES);
  return (
    <Flex vertical gap={8}>
      <Collapse
        size="small"
        defaultActiveKey={shown.slice(0, 1).map((one) => one.name)}
        items={shown.map((one) => ({
          key: one.name,
          label: <span className="mono break">{one.name}</span>,
          extra: <Kind file={one} />,
          children: <Lines file={one} />,
        }))}
      />
      {files.length > FILES && (
        <Typography.Text type="secondary">{t("moreFiles", { count: files.length - FILES })}</Typography.Text>
      )}
    </Flex>
  );
}

function Kind({ file }: { file: FileDifference }) {
  const { t } = useTranslation();
  return <Tag style={{ margin: 0 }}>{t(!file.from ? "added" : file.to ? "changed" : "removed")}</Tag>;
}

function Lines({ file }: { file: FileDifference }) {
  const { t } = useTranslation();
  const large = Math.max(file.from?.length ?? 0, file.to?.length ?? 0) > SHOWN;
  const both = large ? undefined : texts(file);
  if (!both) {
    const size = (side: Uint8Array | undefined) => (side ? bytes(side.length) : "–");
    return <Typography.Text>{t("notText", { from: size(file.from), to: size(file.to) })}</Typography.Text>;
  }
  return (
    <Suspense fallback={<Spin />}>
      <TextDiff name={file.name} from={both[0]} to={both[1]} />
    </Suspense>
  );
}
