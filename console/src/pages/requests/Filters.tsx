import { Flex, Input, InputNumber, Select, Switch, Typography } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { RequestQuery } from "../../api/stream";
import { LiveTag } from "../../shared/StreamState";
import type { Stream } from "../../shared/useStream";
import { FunctionSelect } from "../monitor/FunctionSelect";

const CLASSES = ["2xx", "3xx", "4xx", "5xx"];
/** Somebody who types is not yet asking. */
const TYPING = 350;

interface Props {
  /** The function cannot be chosen here. */
  fixed: boolean;
  project: string;
  onAsk: (query: RequestQuery) => void;
  stream: Pick<Stream<unknown>, "lost" | "pending" | "refused">;
  skipped: number;
}

/** What requests are wanted; funcd looks. */
export function Filters({ fixed, project, onAsk, stream, skipped }: Props) {
  const { t } = useTranslation("requests");
  const [given, give] = useState<RequestQuery>({});
  useEffect(() => {
    const timer = setTimeout(() => onAsk(given), TYPING);
    return () => clearTimeout(timer);
  }, [given, onAsk]);
  const set = (change: RequestQuery) =>
    give((before) => {
      const entries = Object.entries({ ...before, ...change }).filter(([, value]) => value);
      return Object.fromEntries(entries) as RequestQuery;
    });
  const flag = (name: "cold" | "failed") => (
    <Flex gap={6} align="center">
      <Switch
        size="small"
        aria-label={t(name)}
        onChange={(on) => set({ [name]: on ? "true" : undefined } as RequestQuery)}
      />
      {t(name)}
    </Flex>
  );
  return (
    <Flex gap={10} wrap align="center">
      <LiveTag of={stream} />
      {!fixed && (
        <FunctionSelect
          project={project}
          value={given.function}
          onChange={(fn) => set({ function: fn } as RequestQuery)}
        />
      )}
      <Select
        mode="tags"
        allowClear
        aria-label={t("status")}
        placeholder={t("statuses")}
        tokenSeparators={[",", " "]}
        style={{ minWidth: 150 }}
        options={CLASSES.map((value) => ({ value, label: value }))}
        onChange={(values: string[]) => set({ status: values.join(",") } as RequestQuery)}
      />
      <InputNumber
        min={0}
        max={4_294_967_295}
        precision={0}
        aria-label={t("slow")}
        placeholder={t("slow")}
        suffix="ms"
        style={{ width: 150 }}
        onChange={(value) => set({ slow_ms: value ?? 0 })}
      />
      <Input
        allowClear
        autoComplete="off"
        aria-label={t("text")}
        placeholder={t("text")}
        style={{ width: 220, maxWidth: "100%" }}
        onChange={(event) => set({ text: event.target.value.trim() })}
      />
      {flag("cold")}
      {flag("failed")}
      {skipped > 0 && <Typography.Text type="warning">{t("skipped", { count: skipped })}</Typography.Text>}
    </Flex>
  );
}
