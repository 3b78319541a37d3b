import { Flex, Form, Input, Select } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { LogQuery } from "../../api/stream";
import { FunctionSelect } from "../monitor/FunctionSelect";

const LEVELS = ["trace", "debug", "info", "warn", "error", "fatal"];
const STREAMS = ["stdout", "stderr", "system"];
/** Somebody who types is not yet asking. */
const TYPING = 350;
/** As funcd reads it. */
const FIELD = /^[^=]+=/;

interface Props {
  fixed: LogQuery;
  /** What is asked before anybody types. */
  start: LogQuery;
  project: string;
  onAsk: (query: LogQuery) => void;
}

/** What lines are wanted; funcd searches. */
export function Filters({ fixed, start, project, onAsk }: Props) {
  const { t } = useTranslation("logs");
  const [given, give] = useState<LogQuery>(start);
  const wrong = given.field && !FIELD.test(given.field);
  useEffect(() => {
    if (wrong) return;
    const timer = setTimeout(() => onAsk(given), TYPING);
    return () => clearTimeout(timer);
  }, [given, wrong, onAsk]);
  const set = (name: keyof LogQuery) => (value: string | undefined) =>
    give((before) => ({ ...before, [name]: value?.trim() || undefined }));
  const text = (name: "text" | "version" | "instance" | "request_id" | "field", width: number) => (
    <Form.Item
      style={{ margin: 0 }}
      validateStatus={name === "field" && wrong ? "error" : ""}
      help={name === "field" && wrong ? t("fieldRule") : undefined}
    >
      <Input
        allowClear
        autoComplete="off"
        aria-label={t(name)}
        placeholder={t(name)}
        defaultValue={start[name] ?? ""}
        style={{ width, maxWidth: "100%" }}
        onChange={(event) => set(name)(event.target.value)}
      />
    </Form.Item>
  );
  return (
    <Flex gap={8} wrap>
      {!fixed.function && <FunctionSelect project={project} value={given.function} onChange={set("function")} />}
      {text("text", 220)}
      <One label={t("level")} values={LEVELS} onChange={set("level")} />
      <One label={t("stream")} values={STREAMS} onChange={set("stream")} />
      {text("version", 120)}
      {!fixed.request_id && text("instance", 180)}
      {!fixed.request_id && text("request_id", 200)}
      {text("field", 200)}
    </Flex>
  );
}

function One({ label, values, onChange }: { label: string; values: string[]; onChange: (value?: string) => void }) {
  return (
    <Select
      allowClear
      aria-label={label}
      placeholder={label}
      onChange={onChange}
      style={{ width: 120 }}
      options={values.map((value) => ({ value, label: value }))}
    />
  );
}
