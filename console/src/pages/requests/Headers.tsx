import { useQuery } from "@tanstack/react-query";
import { Flex, Skeleton, Table, Typography } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { capture, type Header, type RequestHeaders, requestHeaders } from "../../api/headers";
import type { RequestRecord } from "../../api/stream";
import { nameOf } from "../../rules/urn";
import { ErrorNote } from "../../shared/ErrorNote";
import { moment } from "../../shared/format";
import { useProject } from "../../shell/project";
import { CaptureState, StartCapture } from "./Capture";

/** The headers of a request and its answer, where they were kept; else how to keep those of the next ones. */
export function Headers({ of }: { of: RequestRecord }) {
  const project = useProject();
  const { app, name } = nameOf(of.function);
  const fn = `${app}:${name}`;
  const found = useQuery(requestHeaders({ project, urn: fn }, of.request_id));
  if (found.isPending) return <Skeleton active />;
  if (found.isError) return <ErrorNote error={found.error} retry={found.refetch} />;
  const { request, answer } = found.data;
  if (!request) return <Missing of={of} fn={fn} />;
  return (
    <Flex vertical gap={12}>
      <Flex gap={16} wrap align="start">
        <Asked request={request} />
        <Answered answer={answer} />
      </Flex>
      <CaptureState fn={fn} />
    </Flex>
  );
}

function Asked({ request }: { request: NonNullable<RequestHeaders["request"]> }) {
  const { t } = useTranslation("headers");
  return (
    <Fields title={t("asked")} headers={request.headers} leftOut={request.left_out} testId="asked">
      <span className="mono break">
        {request.method} {request.path}
      </span>
      {request.query_bytes !== undefined && (
        <Typography.Text type="secondary"> {t("query", { count: request.query_bytes })}</Typography.Text>
      )}
    </Fields>
  );
}

function Answered({ answer }: { answer: RequestHeaders["answer"] }) {
  const { t } = useTranslation("headers");
  if (!answer) return <Typography.Text type="secondary">{t("noAnswer")}</Typography.Text>;
  return (
    <Fields title={t("answered")} headers={answer.headers} leftOut={answer.left_out} testId="answered">
      <span className="mono">{answer.status}</span>
    </Fields>
  );
}

interface FieldsProps {
  title: string;
  headers: Header[];
  leftOut: number;
  testId: string;
  children: ReactNode;
}

function Fields({ title, headers, leftOut, testId, children }: FieldsProps) {
  const { t } = useTranslation("headers");
  return (
    <div data-testid={testId} style={{ flex: "1 1 360px", minWidth: 0 }}>
      <Typography.Title level={2} style={{ fontSize: 14, marginTop: 0 }}>
        {title}
      </Typography.Title>
      <Typography.Paragraph>{children}</Typography.Paragraph>
      <Table<Header & { at: number }>
        size="small"
        rowKey="at"
        pagination={false}
        dataSource={headers.map((one, at) => ({ ...one, at }))}
        columns={[
          { title: t("name"), key: "name", render: (_, one) => <span className="mono break">{one.name}</span> },
          { title: t("value"), key: "value", render: (_, one) => <Value of={one} /> },
        ]}
      />
      {leftOut > 0 && <Typography.Text type="secondary">{t("leftOut", { count: leftOut })}</Typography.Text>}
    </div>
  );
}

function Value({ of }: { of: Header }) {
  const { t } = useTranslation("headers");
  if (of.value === undefined) {
    return <Typography.Text type="secondary">{t("hidden", { count: of.bytes })}</Typography.Text>;
  }
  return (
    <>
      <span className="mono break">{of.value}</span>
      {of.cut && (
        <div>
          <Typography.Text type="secondary">{t("cut", { count: of.bytes })}</Typography.Text>
        </div>
      )}
    </>
  );
}

/** Why there are none, and how to keep those of the next requests. */
function Missing({ of, fn }: { of: RequestRecord; fn: string }) {
  const { t, i18n } = useTranslation("headers");
  const project = useProject();
  const state = useQuery(capture({ project, urn: fn }));
  if (state.isPending) return <Skeleton active />;
  if (state.isError) return <ErrorNote error={state.error} retry={state.refetch} />;
  const { running, ends } = state.data;
  const why = () => {
    if (of.source !== "gateway") return t("byApi");
    if (running) return t("none");
    return ends ? t("over", { ends: moment(ends, i18n.language) }) : t("off");
  };
  return (
    <Flex vertical gap={12} align="start">
      <Typography.Text type="secondary">{why()}</Typography.Text>
      {running ? <CaptureState fn={fn} /> : <StartCapture fn={fn} />}
    </Flex>
  );
}
