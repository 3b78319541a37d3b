import { useQuery } from "@tanstack/react-query";
import { Collapse, Descriptions, Flex, Tag, Typography, theme } from "antd";
import { useTranslation } from "react-i18next";
import { requestRecord } from "../../api/function";
import type { Answer } from "../../api/invoke";
import type { Request } from "../../rules/event";
import { asText } from "../../rules/zip";
import { bytes } from "../../shared/format";
import { usePlace } from "./place";
import { Waterfall } from "./Waterfall";

export function TestAnswer({ answer, request }: { answer: Answer; request: Request }) {
  const { t } = useTranslation("fn");
  const { project, urn } = usePlace();
  const { summary } = answer;
  // The record is written just after the answer.
  const record = useQuery({
    ...requestRecord({ project, urn }, answer.requestId),
    refetchInterval: (query) => (query.state.data || query.state.dataUpdateCount > 8 ? false : 400),
  });
  const timings = record.data?.timings;
  return (
    <Flex vertical gap={12}>
      <Flex gap={8} align="center" wrap>
        <Tag color={answer.status < 400 ? "success" : "error"} variant="solid" data-testid="status">
          {answer.status}
        </Tag>
        <Typography.Text className="mono break">
          {request.method} {request.path}
        </Typography.Text>
        {timings && (
          <Tag color={timings.boot_us ? "blue" : "default"}>{t(timings.boot_us ? "test.cold" : "test.warm")}</Tag>
        )}
      </Flex>
      <Descriptions
        size="small"
        column={{ xs: 1, sm: 3 }}
        items={[
          { key: "time", label: t("test.time"), children: `${summary.duration ?? ""} ms` },
          { key: "billed", label: t("test.billed"), children: `${summary.billingDuration ?? ""} ms` },
          {
            key: "memory",
            label: t("test.memory"),
            children: `${summary.memoryUsed ?? ""} / ${summary.memorySize ?? ""} MB`,
          },
        ]}
      />
      {timings && <Waterfall timings={timings} source="api" />}
      <AnswerBody answer={answer} />
      <Collapse
        size="small"
        defaultActiveKey={["log"]}
        items={[
          { key: "log", label: t("test.log"), children: <Text text={answer.log || t("test.noLog")} /> },
          {
            key: "headers",
            label: `${t("test.answerHeaders")} (${answer.headers.length})`,
            children: <Text text={answer.headers.map(([name, value]) => `${name}: ${value}`).join("\n")} />,
          },
        ]}
      />
      <Typography.Text
        type="secondary"
        className="mono break"
        style={{ fontSize: 12 }}
        copyable={{ text: answer.requestId }}
      >
        {t("requestId", { ns: "common" })} {answer.requestId}
      </Typography.Text>
    </Flex>
  );
}

function Text({ text }: { text: string }) {
  return (
    <pre
      className="break"
      style={{ margin: 0, maxHeight: 360, overflow: "auto", whiteSpace: "pre-wrap", fontSize: 12 }}
    >
      {text}
    </pre>
  );
}

/** As text, JSON indented; HTML as its text too: nothing of a function runs in the console. */
function AnswerBody({ answer }: { answer: Answer }) {
  const { t } = useTranslation("fn");
  const { token } = theme.useToken();
  if (answer.body.length === 0) return <Typography.Text type="secondary">{t("test.empty")}</Typography.Text>;
  const text = asText(answer.body);
  if (text === undefined)
    return <Typography.Text>{t("test.binaryBody", { size: bytes(answer.body.length) })}</Typography.Text>;
  return (
    <div
      data-testid="answer-body"
      style={{ background: token.colorFillQuaternary, borderRadius: token.borderRadius, padding: 10 }}
    >
      <Text text={indented(text, answer.headers)} />
    </div>
  );
}

function indented(text: string, headers: [string, string][]): string {
  const type = headers.find(([name]) => name === "Content-Type")?.[1] ?? "";
  if (!type.includes("json")) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
