import { SendOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { Button, Card, Empty, Flex, Form, Input, Select, Spin } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { invoke } from "../../api/invoke";
import { eventOf, type Request } from "../../rules/event";
import { ErrorNote } from "../../shared/ErrorNote";
import { SameAs } from "../../shared/SameAs";
import { Curl } from "./Curl";
import { Headers } from "./Headers";
import { usePlace } from "./place";
import { SavedEvents } from "./SavedEvents";
import { TestAnswer } from "./TestAnswer";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
const START: Request = { method: "GET", path: "/", headers: [], body: "" };

/** Sends a request to the function and shows what comes back. */
export function Test() {
  const { t } = useTranslation("fn");
  const { project, urn } = usePlace();
  const [form] = Form.useForm<Request>();
  const request: Request = { ...START, ...Form.useWatch([], form) };
  const [sent, setSent] = useState<Request>(START);
  const send = useMutation({ mutationFn: (given: Request) => invoke({ project, urn }, given) });
  const submit = (given: Request) => {
    const whole = { ...START, ...given, headers: (given.headers ?? []).filter((one) => one?.name) };
    setSent(whole);
    send.mutate(whole);
  };
  return (
    <Flex gap={16} wrap align="start">
      <Card size="small" title={t("test.request")} style={{ flex: "1 1 340px", minWidth: 0 }}>
        <SavedEvents request={request} onOpen={(saved) => form.setFieldsValue(saved)} />
        <Form form={form} layout="vertical" initialValues={START} onFinish={submit}>
          <Flex gap={8}>
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
          {request.method !== "GET" && request.method !== "HEAD" && (
            <Form.Item name="body" label={t("test.body")}>
              <Input.TextArea className="mono" rows={6} />
            </Form.Item>
          )}
          <Button type="primary" htmlType="submit" icon={<SendOutlined />} loading={send.isPending}>
            {t("test.send")}
          </Button>
        </Form>
        <Curl request={request} />
        <SameAs
          rest={{ method: "POST", path: `/v2/${project}/fgs/functions/${urn}/invocations`, body: eventOf(request) }}
        />
      </Card>
      <Card size="small" title={t("test.answer")} style={{ flex: "1.4 1 380px", minWidth: 0 }}>
        <Spin spinning={send.isPending} description={t("test.sending")}>
          {send.isError && <ErrorNote error={send.error} />}
          {send.data && <TestAnswer answer={send.data} request={sent} />}
          {send.isIdle && <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t("test.none")} />}
          {send.isPending && !send.data && <div style={{ height: 120 }} />}
        </Spin>
      </Card>
    </Flex>
  );
}
