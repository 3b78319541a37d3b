import { SendOutlined } from "@ant-design/icons";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Alert, Button, Flex, Form, Skeleton, Typography } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { requestHeaders } from "../../api/headers";
import { invoke } from "../../api/invoke";
import type { RequestRecord } from "../../api/stream";
import { eventOf, type Request } from "../../rules/event";
import { commandLine } from "../../rules/lines";
import { headersAgain } from "../../rules/replay";
import { nameOf } from "../../rules/urn";
import { ErrorNote } from "../../shared/ErrorNote";
import { SameAs } from "../../shared/SameAs";
import { useProject } from "../../shell/project";
import { RequestFields } from "../function/RequestFields";
import { TestAnswer } from "../function/TestAnswer";

/** The same request once more, with the headers that were kept of it. Who may not see headers fills them in. */
export function Replay({ of }: { of: RequestRecord }) {
  const project = useProject();
  const { app, name } = nameOf(of.function);
  const kept = useQuery(requestHeaders({ project, urn: `${app}:${name}` }, of.request_id));
  if (kept.isPending) return <Skeleton active />;
  return <Again of={of} {...headersAgain(kept.data?.request?.headers ?? [])} />;
}

/** To the same version; what was not kept is filled in by whoever sends it. */
function Again({ of, headers, missing }: { of: RequestRecord; headers: Request["headers"]; missing: string[] }) {
  const { t } = useTranslation("requests");
  const project = useProject();
  const [start] = useState<Request>({ method: of.method, path: of.path, headers, body: "" });
  const [form] = Form.useForm<Request>();
  const request = whole({ ...start, ...Form.useWatch([], form) });
  const [sent, setSent] = useState(start);
  const urn = `${of.function}:${of.version}`;
  const send = useMutation({ mutationFn: (given: Request) => invoke({ project, urn }, eventOf(given)) });
  const submit = (given: Request) => {
    const again = whole({ ...start, ...given });
    setSent(again);
    send.mutate(again);
  };
  const hadBody = of.request_bytes > 0;
  const notKept = [
    ...(hadBody ? [t("hadBody", { count: of.request_bytes })] : []),
    ...(missing.length > 0 ? [t("hadHeaders", { count: missing.length, names: missing.join(", ") })] : []),
  ];
  return (
    <Form form={form} layout="vertical" initialValues={start} onFinish={submit}>
      {notKept.length > 0 && (
        <Alert type="warning" showIcon style={{ marginBottom: 12 }} title={notKept.join(" ")} data-testid="not-kept" />
      )}
      <RequestFields body={hadBody || (request.method !== "GET" && request.method !== "HEAD")} />
      <Flex gap={12} align="center" wrap>
        <Button type="primary" htmlType="submit" icon={<SendOutlined />} loading={send.isPending}>
          {t("sendAgain")}
        </Button>
        <Typography.Text type="secondary">{t("byInvocation")}</Typography.Text>
      </Flex>
      {send.isError && <ErrorNote error={send.error} />}
      {send.data && (
        <div style={{ marginTop: 16 }}>
          <TestAnswer answer={send.data} request={sent} />
        </div>
      )}
      <SameAs
        cli={commandLine({ api: window.location.origin, project, urn, sent: request })}
        rest={{ method: "POST", path: `/v2/${project}/fgs/functions/${urn}/invocations`, body: eventOf(request) }}
      />
    </Form>
  );
}

/** Without the rows that are not filled in yet. */
const whole = (given: Request): Request => ({ ...given, headers: (given.headers ?? []).filter((one) => one?.name) });
