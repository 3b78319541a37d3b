import { Button, Flex, Switch, Typography } from "antd";
import { useTranslation } from "react-i18next";
import type { LogLine } from "../../api/stream";
import { ErrorNote } from "../../shared/ErrorNote";
import { LiveTag } from "../../shared/StreamState";
import type { Stream } from "../../shared/useStream";

interface Props {
  log: Stream<LogLine>;
  lines: LogLine[];
  follow: boolean;
  setFollow: (follow: boolean) => void;
  wrap: boolean;
  setWrap: (wrap: boolean) => void;
  older: { load: () => void; loading: boolean; failed: unknown; ended: boolean };
}

const written = (lines: LogLine[]) => lines.map((line) => `${line.at} ${line.stream} ${line.text}`).join("\n");

/** What is done with the lines. */
export function Tools({ log, lines, follow, setFollow, wrap, setWrap, older }: Props) {
  const { t, i18n } = useTranslation("logs");
  const count = lines.length.toLocaleString(i18n.language === "zh" ? "zh-CN" : "en-GB");
  return (
    <>
      <Flex gap={12} wrap align="center">
        <LiveTag of={log} />
        <Flex gap={6} align="center">
          <Switch size="small" checked={follow} onChange={setFollow} aria-label={t("follow")} />
          {t("follow")}
        </Flex>
        <Flex gap={6} align="center">
          <Switch size="small" checked={wrap} onChange={setWrap} aria-label={t("wrap")} />
          {t("wrap")}
        </Flex>
        <Typography.Text type="secondary" data-testid="count">
          {t("count", { count: lines.length, text: count })}
        </Typography.Text>
        <span className="grow" />
        <Button
          disabled={older.ended}
          loading={older.loading}
          onClick={() => {
            setFollow(false);
            older.load();
          }}
        >
          {t("older")}
        </Button>
        <Button disabled={lines.length === 0} onClick={() => navigator.clipboard.writeText(written(lines))}>
          {t("copy", { ns: "common" })}
        </Button>
        <Button disabled={lines.length === 0} onClick={() => download(lines)}>
          {t("download")}
        </Button>
      </Flex>
      {older.failed !== undefined && <ErrorNote error={older.failed} />}
    </>
  );
}

/** The lines as they are shown, one JSON object each. */
function download(lines: LogLine[]) {
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
  const url = URL.createObjectURL(new Blob([text], { type: "application/x-ndjson" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `funcd-log-${lines.at(-1)?.at.slice(0, 19).replaceAll(":", "") ?? ""}.ndjson`;
  link.click();
  URL.revokeObjectURL(url);
}
