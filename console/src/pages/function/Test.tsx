import { SendOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { Button, Card, Empty, Flex, Form, Input, Segmented, Spin } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { invoke } from "../../api/invoke";
import { LATEST } from "../../api/versions";
import { eventOf, eventProblem, isRequest, type Request, requestOf } from "../../rules/event";
import { type Called, sentEvent } from "../../rules/lines";
import { ErrorNote } from "../../shared/ErrorNote";
import { Lines } from "./Lines";
import { usePlace } from "./place";
import { Qualifier } from "./Qualifier";
import { RequestFields } from "./RequestFields";
import { SavedEvents } from "./SavedEvents";
import { TestAnswer } from "./TestAnswer";

/** A request, or an event as a text that may say more. */
interface Fields extends Request {
  mode: "request" | "event";
  event: string;
}

const START: Fields = { mode: "request", method: "GET", path: "/", headers: [], body: "", event: "" };

const text = (event: unknown) => JSON.stringify(event, null, 2);

const requestIn = ({ method, path, headers, body }: Fields): Request => ({
  method,
  path,
  headers: (headers ?? []).filter((one) => one?.name),
  body,
});

/** What is sent; a text that is no event sends nothing yet. */
function sentOf(given: Fields): Called["sent"] | undefined {
  if (given.mode === "request") return requestIn(given);
  return eventProblem(given.event) ? undefined : { event: JSON.parse(given.event) };
}

/** Sends a request or an event to the function and shows what comes back. */
export function Test() {
  const { t } = useTranslation("fn");
  const { project, urn } = usePlace();
  const [form] = Form.useForm<Fields>();
  const [qualifier, setQualifier] = useState(LATEST);
  const given: Fields = { ...START, ...Form.useWatch([], { form, preserve: true }) };
  const sent = sentOf(given);
  const [asked, setAsked] = useState<Request>(START);
  const send = useMutation({
    // A name with a version takes its project, too, to be an URN.
    mutationFn: (event: unknown) => invoke({ project, urn: `${project}:${urn}:${qualifier}` }, event),
  });
  const submit = () => {
    if (!sent) return;
    const event = sentEvent(sent);
    setAsked(requestOf(event));
    send.mutate(event);
  };
  const open = (event: unknown) =>
    form.setFieldsValue(
      isRequest(event) ? { mode: "request", ...requestOf(event) } : { mode: "event", event: text(event) },
    );
  return (
    <Flex gap={16} wrap align="start">
      <Card size="small" title={t("test.request")} style={{ flex: "1 1 340px", minWidth: 0 }}>
        <SavedEvents event={sent && sentEvent(sent)} onOpen={open} />
        <Form form={form} layout="vertical" initialValues={START} onFinish={submit}>
          <Flex gap={12} wrap justify="space-between" style={{ marginBottom: 12 }}>
            <Mode />
            <Qualifier value={qualifier} onChange={setQualifier} />
          </Flex>
          {given.mode === "request" ? (
            <RequestFields body={given.method !== "GET" && given.method !== "HEAD"} />
          ) : (
            <EventField />
          )}
          <Button type="primary" htmlType="submit" icon={<SendOutlined />} loading={send.isPending}>
            {t("test.send")}
          </Button>
        </Form>
        {sent && <Lines sent={sent} qualifier={qualifier} />}
      </Card>
      <Card size="small" title={t("test.answer")} style={{ flex: "1.4 1 380px", minWidth: 0 }}>
        <Spin spinning={send.isPending} description={t("test.sending")}>
          {send.isError && <ErrorNote error={send.error} />}
          {send.data && <TestAnswer answer={send.data} request={asked} />}
          {send.isIdle && <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t("test.none")} />}
          {send.isPending && !send.data && <div style={{ height: 120 }} />}
        </Spin>
      </Card>
    </Flex>
  );
}

/** Fields or text; what was entered goes along. A text that is no event, or says more than a request, leaves the fields as they are. */
function Mode() {
  const { t } = useTranslation("invoke");
  const form = Form.useFormInstance<Fields>();
  const mode = Form.useWatch<Fields["mode"] | undefined>("mode") ?? "request";
  const change = (wanted: Fields["mode"]) => {
    const given: Fields = { ...START, ...form.getFieldsValue(true) };
    if (wanted === "event") form.setFieldsValue({ mode: wanted, event: text(eventOf(requestIn(given))) });
    else {
      const event = eventProblem(given.event) ? undefined : JSON.parse(given.event);
      form.setFieldsValue({ mode: wanted, ...(isRequest(event) ? requestOf(event) : {}) });
    }
  };
  return (
    <Form.Item name="mode" noStyle>
      <Segmented<Fields["mode"]>
        value={mode}
        onChange={change}
        aria-label={t("mode")}
        options={(["request", "event"] as const).map((value) => ({ value, label: t(`${value}Mode`) }))}
      />
    </Form.Item>
  );
}

function EventField() {
  const { t } = useTranslation("invoke");
  const rule = (_: unknown, value = "") => {
    const found = eventProblem(value);
    return found
      ? Promise.reject(new Error(t(`problems.${found.problem}`, { field: found.field })))
      : Promise.resolve();
  };
  return (
    <Form.Item name="event" label={t("event")} extra={t("eventHint")} rules={[{ validator: rule }]}>
      <Input.TextArea className="mono" rows={14} spellCheck={false} />
    </Form.Item>
  );
}
