import { FileZipOutlined, InboxOutlined } from "@ant-design/icons";
import { Alert, Button, Flex, Typography, Upload } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { inspect, type Look, type Problem } from "../rules/package";
import { CopyLine } from "./CopyLine";
import { bytes } from "./format";

/** A zip that was chosen, and what it looks like. */
export interface Package {
  name: string;
  /** As it was when it was chosen: a file may change later. */
  content: Blob;
  look: Look;
}

interface Props {
  value: Package | undefined;
  onChange: (value: Package | undefined) => void;
}

/** The one problem that keeps nobody from sending: the server can look where the page cannot. */
export const canBeSent = (look: Look) => look.problems.every((problem) => problem.what === "zip64");

/** Takes a zip by drag and drop or by choice, and looks into it at once. */
export function PackageDrop({ value, onChange }: Props) {
  const { t } = useTranslation("create");
  const [unread, setUnread] = useState(false);
  const take = async (file: File) => {
    setUnread(false);
    try {
      const content = new Uint8Array(await file.arrayBuffer());
      onChange({ name: file.name, content: new Blob([content]), look: inspect(content) });
    } catch {
      setUnread(true);
    }
  };
  return (
    <Flex vertical gap={12}>
      <Upload.Dragger
        accept=".zip,application/zip"
        maxCount={1}
        showUploadList={false}
        customRequest={() => {}}
        beforeUpload={(file) => {
          void take(file);
          return false;
        }}
      >
        {value ? (
          <Flex vertical align="center" gap={4}>
            <FileZipOutlined style={{ fontSize: 28 }} />
            <Typography.Text strong className="break">
              {value.name} · {bytes(value.content.size)}
            </Typography.Text>
            <Typography.Text type="secondary">{t("another")}</Typography.Text>
          </Flex>
        ) : (
          <Flex vertical align="center" gap={4} style={{ padding: "8px 12px" }}>
            <InboxOutlined style={{ fontSize: 32 }} />
            <Typography.Text>{t("drop")}</Typography.Text>
            <Typography.Text type="secondary">{t("dropMore")}</Typography.Text>
          </Flex>
        )}
      </Upload.Dragger>
      {unread && <Alert type="error" showIcon title={t("reading")} />}
      {value && <LookNote look={value.look} />}
      {value && (
        <Button type="link" onClick={() => onChange(undefined)} style={{ alignSelf: "start", padding: 0 }}>
          {t("remove")}
        </Button>
      )}
    </Flex>
  );
}

/** What is wrong with a package, or how it starts. */
function LookNote({ look }: { look: Look }) {
  const { t } = useTranslation("create");
  const say = useProblemText();
  if (look.problems.length > 0) {
    return (
      <Flex vertical gap={8} role="alert">
        {look.problems.map((problem) => (
          <Alert
            key={say(problem)}
            type={problem.what === "zip64" ? "warning" : "error"}
            showIcon
            title={<span className="break">{say(problem)}</span>}
          />
        ))}
      </Flex>
    );
  }
  return (
    <Alert
      type="success"
      showIcon
      title={`${t("ready")} ${t("files", { count: look.files })}, ${t("unpacked", { size: bytes(look.unpacked) })}`}
      description={
        look.start && (
          <Flex vertical gap={4}>
            {t("start")}
            <CopyLine text={look.start} />
          </Flex>
        )
      }
    />
  );
}

export function useProblemText() {
  const { t } = useTranslation("create");
  return (problem: Problem): string => {
    const { what, ...more } = problem;
    const size = "count" in problem ? bytes(problem.count) : "";
    return t(`problem.${what}`, { ...more, size });
  };
}
