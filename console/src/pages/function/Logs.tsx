import { Alert, Button, Flex, Input, Select, Switch, Typography, theme } from "antd";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { followLog, type LogLine } from "../../api/watch";
import { usePlace } from "./place";

/** A line, told from the others of this page. */
type Numbered = LogLine & { number: number };

/** Lines that are kept in the page; older ones are in the log. */
const KEPT = 5_000;
const SHOWN = 1_000;
const AGAIN = 2_000;

/** The log of the function, as it is written. */
export function Logs() {
  const { t } = useTranslation("fn");
  const { lines, lost } = useLog();
  const [search, setSearch] = useState("");
  const [stream, setStream] = useState("all");
  const [follow, setFollow] = useState(true);
  const found = useMemo(() => {
    const word = search.trim().toLowerCase();
    const fits = (one: LogLine) =>
      (stream === "all" || one.stream === stream) &&
      (word === "" || `${one.text} ${one.request_id ?? ""} ${one.version}`.toLowerCase().includes(word));
    return lines.filter(fits).slice(-SHOWN);
  }, [lines, search, stream]);
  const text = () => found.map((one) => `${one.at} ${one.stream} ${one.text}`).join("\n");
  return (
    <Flex vertical gap={12}>
      <Flex gap={12} wrap align="center">
        <Input.Search
          allowClear
          placeholder={t("logs.search")}
          aria-label={t("logs.search")}
          onChange={(event) => setSearch(event.target.value)}
          style={{ maxWidth: 320 }}
        />
        <Select
          value={stream}
          onChange={setStream}
          aria-label={t("logs.stream")}
          style={{ width: 120 }}
          options={["all", "stdout", "stderr", "system"].map((value) => ({
            value,
            label: value === "all" ? t("logs.all") : value,
          }))}
        />
        <Switch checked={follow} onChange={setFollow} aria-label={t("logs.follow")} />
        {t("logs.follow")}
        <span className="grow" />
        <Button onClick={() => navigator.clipboard.writeText(text())}>{t("copy", { ns: "common" })}</Button>
      </Flex>
      {lost && <Alert type="warning" showIcon title={t("logs.lost")} />}
      <Lines lines={found} follow={follow} />
    </Flex>
  );
}

/** Follows the log as long as the page shows it, and again after the connection was lost. */
function useLog() {
  const { project, urn } = usePlace();
  const [lines, setLines] = useState<Numbered[]>([]);
  const [lost, setLost] = useState(false);
  useEffect(() => {
    const stop = new AbortController();
    let count = 0;
    const run = async () => {
      while (!stop.signal.aborted) {
        // What is kept comes again with each connection.
        let first = true;
        const take = (came: LogLine[]) => {
          const more = came.map((line) => {
            count += 1;
            return { ...line, number: count };
          });
          const fresh = first;
          first = false;
          setLost(false);
          setLines((all) => (fresh ? more : [...all, ...more]).slice(-KEPT));
        };
        await followLog({ project, urn }, SHOWN, take, stop.signal).catch(() => {});
        if (stop.signal.aborted) return;
        setLost(true);
        await new Promise((again) => setTimeout(again, AGAIN));
      }
    };
    void run();
    return () => stop.abort();
  }, [project, urn]);
  return { lines, lost };
}

function Lines({ lines, follow }: { lines: Numbered[]; follow: boolean }) {
  const { t } = useTranslation("fn");
  const { token } = theme.useToken();
  const end = useRef<HTMLDivElement>(null);
  const last = lines.length;
  useEffect(() => {
    if (follow && last > 0 && end.current) end.current.scrollTop = end.current.scrollHeight;
  }, [follow, last]);
  const colour = { stdout: token.colorText, stderr: token.colorErrorText, system: token.colorTextTertiary };
  return (
    <div
      ref={end}
      role="log"
      // Scrolled by keys too.
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls must be reachable by keyboard
      tabIndex={0}
      className="mono"
      style={{
        background: token.colorBgContainer,
        border: `1px solid ${token.colorBorderSecondary}`,
        borderRadius: token.borderRadius,
        fontSize: 12,
        height: "62vh",
        overflow: "auto",
        padding: 10,
      }}
    >
      {lines.length === 0 && <Typography.Text type="secondary">{t("logs.none")}</Typography.Text>}
      {lines.map((line) => (
        <div key={line.number} className="break" style={{ contentVisibility: "auto", whiteSpace: "pre-wrap" }}>
          <span style={{ color: token.colorTextTertiary }}>{line.at.slice(11, 23)} </span>
          <span style={{ color: colour[line.stream as keyof typeof colour] ?? token.colorText }}>{line.text}</span>
        </div>
      ))}
    </div>
  );
}
