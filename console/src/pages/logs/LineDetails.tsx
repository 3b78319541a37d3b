import { Link } from "@tanstack/react-router";
import { Descriptions, Drawer, Flex, Typography } from "antd";
import { useTranslation } from "react-i18next";
import type { LogLine } from "../../api/stream";
import { nameOf } from "../../rules/urn";

/** One line with all that is known of it; its JSON indented. */
export function LineDetails({ line, onClose }: { line: LogLine | undefined; onClose: () => void }) {
  const { t } = useTranslation("logs");
  return (
    <Drawer open={!!line} onClose={onClose} title={t("details")} size={520}>
      {line && <Details line={line} />}
    </Drawer>
  );
}

function Details({ line }: { line: LogLine }) {
  const { t } = useTranslation("logs");
  const { app, name } = nameOf(line.function ?? "");
  const id = line.request_id;
  const items = [
    { key: "at", label: t("at"), children: line.at },
    { key: "function", label: t("function", { ns: "monitor" }), children: name },
    { key: "version", label: t("version"), children: line.version },
    { key: "instance", label: t("instance"), children: <span className="mono">{line.instance}</span> },
    { key: "stream", label: t("stream"), children: line.stream },
    ...(line.level ? [{ key: "level", label: t("level"), children: line.level }] : []),
    ...(id
      ? [
          {
            key: "request",
            label: t("request_id"),
            children: (
              <Link to="/requests/$app/$name/$id" params={{ app, name, id }} className="mono break">
                {id}
              </Link>
            ),
          },
        ]
      : []),
  ];
  return (
    <Flex vertical gap={12}>
      <Descriptions size="small" column={1} items={items} />
      <Typography.Paragraph copyable={{ text: line.text }} style={{ margin: 0 }}>
        <pre className="break" style={{ fontSize: 12, margin: 0, whiteSpace: "pre-wrap" }}>
          {indented(line.text)}
        </pre>
      </Typography.Paragraph>
    </Flex>
  );
}

function indented(text: string): string {
  if (!text.startsWith("{")) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
