import { SendOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { Alert, Button, Flex, Form, Input, Select, Typography } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { invoke } from "../../api/invoke";
import type { RequestRecord } from "../../api/stream";
import { eventOf, type Request } from "../../rules/event";
import { ErrorNote } from "../../shared/ErrorNote";
import { SameAs } from "../../shared/SameAs";
import { useProject } from "../../shell/project";
import { Headers } from "../function/Headers";
import { TestAnswer } from "../function/TestAnswer";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/** The same request once more, to the same version; what was not kept is filled in by whoever sends it. */
export function Replay({ of }: { of: RequestRecord }) {
  const { t } = useTranslation("fn");
  const project = useProject();
  const start: Request = { method: of.method, path: of.path, headers: [], body: "" };
  const [form] = Form.useForm<Request>();
  const request: Request = { ...start, ...Form.useWatch([], form) };
  const [sent, setSent] = useState(start);
  const urn = `${of.function}:${of.version}`;
  const send = useMutation({ mutationFn: (given: Request) => invoke({ project, urn }, eventOf(given)) });
  const submit = (given: Request) => {
    const whole = { ...start, ...given, headers: (given.headers ?? []).filter((one) => one?.name) };
    setSent(whole);
    send.mutate(whole);
  };
  const hadBody = of.request_bytes > 0;
  return (
    <Form form={form} layout="vertical" initialValues={start} onFinish={submit}>
      {hadBody && (
        <Alert
          type="warning"
          showIcon
          style={{ marginBottom: 12 }}
          title={t("hadBody", { ns: "requests", count: of.request_bytes })}
        />
      )}
      <Flex gap={8} wrap>
        <Form.Item name="method" label={t("test.method")}>
          <Select style={{ width: 110 }} options={METHODS.map((value) => ({ value, label: value }))} />
        </Form.Item>
        <Form.Item
          name="path"
          label={t("test.path")}
          className="grow"
          rules={[{ pattern: /^\//, message: t("test.pathRule") }]}
        >
          <Input className="mono" autoComplete="off" />
        </Form.Item>
      </Flex>
      <Form.Item label={t("test.headers")}>
        <Headers />
      </Form.Item>
      {(hadBody || (request.method !== "GET" && request.method !== "HEAD")) && (
        <Form.Item name="body" label={t("test.body")}>
          <Input.TextArea className="mono" rows={4} />
        </Form.Item>
      )}
      <Flex gap={12} align="center" wrap>
        <Button type="primary" htmlType="submit" icon={<SendOutlined />} loading={send.isPending}>
          {t("sendAgain", { ns: "requests" })}
        </Button>
        <Typography.Text type="secondary">{t("byInvocation", { ns: "requests" })}</Typography.Text>
      </Flex>
      {send.isError && <ErrorNote error={send.error} />}
      {send.data && (
        <div style={{ marginTop: 16 }}>
          <TestAnswer answer={send.data} request={sent} />
        </div>
      )}
      <SameAs
        rest={{ method: "POST", path: `/v2/${project}/fgs/functions/${urn}/invocations`, body: eventOf(request) }}
      />
    </Form>
  );
}
