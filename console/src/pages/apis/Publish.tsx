import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Form, Input, Modal, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Api, environmentList, publishApi } from "../../api/apig";
import { ErrorNote } from "../../shared/ErrorNote";
import { SameAs } from "../../shared/SameAs";
import { useProject } from "../../shell/project";

interface Fields {
  env: string;
  remark?: string;
}

const CHANGED = [["api"], ["apis"], ["function"]];

/** Lets the API answer as it is edited, in an environment. */
export function Publish({ api }: { api: Api }) {
  const { t } = useTranslation("apis");
  const project = useProject();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const environments = useQuery(environmentList(project));
  const [asking, setAsking] = useState(false);
  const [form] = Form.useForm<Fields>();
  const start = environments.data?.find((one) => one.name === "RELEASE")?.id ?? environments.data?.[0]?.id ?? "";
  const request = (given: Fields) => ({
    action: "online" as const,
    api_id: api.id ?? "",
    env_id: given.env,
    ...(given.remark ? { remark: given.remark } : {}),
  });
  const publish = useMutation({
    mutationFn: (given: Fields) => publishApi(project, request(given)),
    onSuccess: async () => {
      await Promise.all(CHANGED.map((queryKey) => queries.invalidateQueries({ queryKey })));
      message.success(t("published"));
      setAsking(false);
    },
  });
  return (
    <>
      <Button type="primary" onClick={() => setAsking(true)}>
        {t("publish")}
      </Button>
      <Modal
        open={asking}
        title={t("publishTitle", { name: api.name ?? "" })}
        okText={t("publish")}
        confirmLoading={publish.isPending}
        onCancel={() => setAsking(false)}
        onOk={form.submit}
        afterOpenChange={() => publish.reset()}
        destroyOnHidden
      >
        <Form
          form={form}
          layout="vertical"
          preserve={false}
          initialValues={{ env: start }}
          onFinish={(given) => publish.mutate(given)}
        >
          <Form.Item name="env" label={t("environment")} rules={[{ required: true }]}>
            <Select options={(environments.data ?? []).map(({ id, name }) => ({ value: id, label: name }))} />
          </Form.Item>
          <Form.Item name="remark" label={t("remark")}>
            <Input.TextArea maxLength={255} rows={2} />
          </Form.Item>
          {publish.isError && <ErrorNote error={publish.error} />}
          <SameAs
            rest={{
              method: "POST",
              path: `/v2/${project}/apigw/instances/…/apis/action`,
              body: request({ env: start }),
            }}
          />
        </Form>
      </Modal>
    </>
  );
}

export function TakeOffline({ api }: { api: Api }) {
  const { t } = useTranslation("apis");
  const project = useProject();
  const queries = useQueryClient();
  const { modal, message } = App.useApp();
  const environments = (api.run_env_id ?? "").split("|").filter(Boolean);
  const withdraw = async () => {
    try {
      for (const env_id of environments) await publishApi(project, { action: "offline", api_id: api.id ?? "", env_id });
      message.success(t("tookOffline"));
    } catch (error) {
      message.error(error instanceof Error ? error.message : String(error));
    }
    await Promise.all(CHANGED.map((queryKey) => queries.invalidateQueries({ queryKey })));
  };
  const ask = () =>
    modal.confirm({
      title: t("offlineTitle", { name: api.name ?? "" }),
      content: t("offlineText", { env: (api.run_env_name ?? "").replaceAll("|", ", ") }),
      okText: t("takeOffline"),
      okButtonProps: { danger: true },
      onOk: withdraw,
    });
  return <Button onClick={ask}>{t("takeOffline")}</Button>;
}
