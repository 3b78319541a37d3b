import { Alert, Card, Descriptions, Flex, Tag, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { messageOf, timingsOf } from "../../rules/message";
import { CopyLine } from "../../shared/CopyLine";

interface Debugged {
  request?: string;
  response?: string;
  latency?: number;
  log?: string;
}

/** What an API answered to a test, and how it came to that. */
export function Answer({ answer }: { answer: Debugged }) {
  const { t } = useTranslation("callPage");
  if (!answer.response) {
    return (
      <>
        <Alert type="warning" showIcon title={t("none")} />
        <CopyLine text={answer.log ?? ""} />
      </>
    );
  }
  const { status, reason, headers, body } = messageOf(answer.response);
  const timings = timingsOf(headers.find(([name]) => name.toLowerCase() === "server-timing")?.[1]);
  return (
    <Card size="small" title={t("answer")}>
      <Flex vertical gap={12}>
        <Descriptions
          size="small"
          column={{ xs: 1, md: 2 }}
          items={[
            {
              key: "status",
              label: t("status"),
              children: (
                <strong data-testid="status">
                  {status} {reason}
                </strong>
              ),
            },
            { key: "took", label: t("took"), children: `${answer.latency ?? 0} ms` },
            ...(timings.length > 0
              ? [
                  {
                    key: "timings",
                    label: t("timings"),
                    span: "filled" as const,
                    children: (
                      <Flex gap={4} wrap>
                        {timings.map((one) => (
                          <Tag key={one.name}>
                            {one.name} {one.ms} ms
                          </Tag>
                        ))}
                      </Flex>
                    ),
                  },
                ]
              : []),
          ]}
        />
        <Text label={t("responseBody")} text={body} id="answer-body" />
        <Text label={t("responseHeaders")} text={headers.map(([name, value]) => `${name}: ${value}`).join("\n")} />
        <Text label={t("log")} text={answer.log ?? ""} />
        <Text label={t("request")} text={answer.request ?? ""} />
      </Flex>
    </Card>
  );
}

function Text({ label, text, id }: { label: string; text: string; id?: string }) {
  return (
    <div data-testid={id} style={{ maxHeight: 420, overflow: "auto" }}>
      <Typography.Text type="secondary">{label}</Typography.Text>
      <CopyLine text={text} />
    </div>
  );
}
