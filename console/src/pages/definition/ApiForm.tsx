import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { App, Button, Card, Flex, Form, Steps } from "antd";
import { useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { type Api, apis } from "../../api/apig";
import { send } from "../../api/call";
import { type ApiFields, commandOf, definitionOf } from "../../rules/definition";
import { ErrorNote } from "../../shared/ErrorNote";
import { SameAs } from "../../shared/SameAs";
import { useScope } from "../gateway/scope";
import { BackEnd } from "./BackEnd";
import { Basic } from "./Basic";
import { Request } from "./Request";

/** The fields of each step, for what is checked before the next. */
const STEPS: (keyof ApiFields)[][] = [
  ["name", "group_id", "auth_type", "authorizer_id", "tags", "remark"],
  ["req_protocol", "req_uri", "match_mode", "req_method", "req_params"],
  ["function_urn", "qualifier", "called_by", "timeout", "backend_params", "backend_remark"],
];
const TITLES = ["basic", "request", "backEnd"] as const;
const LAST = STEPS.length - 1;
const CHANGED = [["api"], ["apis"], ["function"]];

interface Props {
  start: ApiFields;
  /** The API that is edited; none is made. */
  api?: Api;
}

/** An API in the three steps of the vendor's console: basic information, the request, the back end. */
export function ApiForm({ start, api }: Props) {
  const { t } = useTranslation("definition");
  const [form] = Form.useForm<ApiFields>();
  const [step, setStep] = useState(0);
  const save = useSave(api);
  const parts = [
    useRef<HTMLFieldSetElement>(null),
    useRef<HTMLFieldSetElement>(null),
    useRef<HTMLFieldSetElement>(null),
  ];
  // What was pressed may be gone with its step: whoever goes by keyboard goes on in the other one.
  const go = (to: number) => {
    flushSync(() => setStep(to));
    parts[to]?.current?.focus();
  };
  const next = () =>
    form.validateFields(STEPS[step] ?? []).then(
      () => go(step + 1),
      () => {},
    );
  // What is wrong is shown, whichever step it is in.
  const wrong = ({ errorFields }: { errorFields: { name: unknown[] }[] }) => {
    const at = STEPS.findIndex((fields) => fields.some((one) => one === errorFields[0]?.name[0]));
    if (at >= 0) setStep(at);
  };
  return (
    <Form
      form={form}
      layout="vertical"
      initialValues={start}
      onFinish={() => save.mutate(form.getFieldsValue(true))}
      onFinishFailed={wrong}
    >
      <Steps
        current={step}
        size="small"
        items={TITLES.map((title) => ({ title: t(title) }))}
        style={{ marginBottom: 16 }}
      />
      <Card size="small" style={{ marginBottom: 16 }}>
        {/* All of them stay in the form, so that each step can be looked at again. */}
        {[Basic, Request, BackEnd].map((Part, at) => (
          <fieldset
            key={STEPS[at]?.[0]}
            className="step"
            ref={parts[at]}
            tabIndex={-1}
            hidden={step !== at}
            aria-label={t(TITLES[at] ?? "basic")}
          >
            <Part />
          </fieldset>
        ))}
      </Card>
      {save.isError && <ErrorNote error={save.error} />}
      <Flex gap={12} style={{ marginBottom: 8 }}>
        {step > 0 && <Button onClick={() => go(step - 1)}>{t("back")}</Button>}
        {step < LAST && (
          <Button type="primary" onClick={next}>
            {t("next")}
          </Button>
        )}
        {(api || step === LAST) && (
          <Button type={step === LAST ? "primary" : "default"} htmlType="submit" loading={save.isPending}>
            {t("finish")}
          </Button>
        )}
      </Flex>
      <Form.Item noStyle shouldUpdate>
        {() => <Same given={{ ...start, ...form.getFieldsValue(true) }} start={start} {...(api ? { api } : {})} />}
      </Form.Item>
    </Form>
  );
}

function Same({ given, start, api }: Props & { given: ApiFields }) {
  const scope = useScope();
  const cli = commandOf(given, start, api?.id);
  return <SameAs {...(cli ? { cli } : {})} rest={requestOf(scope, given, api)} />;
}

const requestOf = (scope: ReturnType<typeof useScope>, given: ApiFields, api?: Api) =>
  api?.id ? apis.update(scope, api.id, definitionOf(given, api)) : apis.create(scope, definitionOf(given));

function useSave(api: Api | undefined) {
  const { t } = useTranslation("definition");
  const scope = useScope();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { message } = App.useApp();
  return useMutation({
    mutationFn: (given: ApiFields) => send(requestOf(scope, given, api) as ReturnType<typeof apis.create>),
    onSuccess: async (saved) => {
      await Promise.all(CHANGED.map((queryKey) => queries.invalidateQueries({ queryKey })));
      message.success(t(api ? "saved" : "made"));
      await navigate({ to: "/apis/$api", params: { api: api?.id ?? saved.id ?? "" } });
    },
  });
}
