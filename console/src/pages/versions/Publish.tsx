import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App, Form, Input, Modal } from "antd";
import { useTranslation } from "react-i18next";
import { send } from "../../api/call";
import type { FunctionConfig } from "../../api/function";
import { publishVersion } from "../../api/versions";
import { isVersionName } from "../../rules/alias";
import { DESCRIPTION_CHARS } from "../../rules/function";
import { ErrorNote } from "../../shared/ErrorNote";
import { SameAs, shell } from "../../shared/SameAs";
import { useLeaving } from "../../shared/useLeaving";
import { usePlace } from "../function/place";

interface Fields {
  version?: string;
  description?: string;
}

const given = ({ version, description }: Fields) => ({
  ...(version ? { version } : {}),
  ...(description ? { description } : {}),
});

function command(urn: string, { version, description }: Fields): string {
  const named = version ? ` --version ${shell(version)}` : "";
  return `sudo funcd publish ${shell(urn)}${named}${description ? ` --description ${shell(description)}` : ""}`;
}

/** What `latest` is now becomes a version; refused if somebody deployed since this page was loaded. */
export function Publish({ config, onClose }: { config: FunctionConfig; onClose: () => void }) {
  const { t } = useTranslation("versions");
  const { project, urn } = usePlace();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const [form] = Form.useForm<Fields>();
  const fields: Fields = Form.useWatch([], form) ?? {};
  const digest = config.digest ? { digest: config.digest } : {};
  const request = (typed: Fields) => publishVersion({ project, urn }, { ...given(typed), ...digest });
  const { leave, modal } = useLeaving(onClose);
  const publish = useMutation({
    mutationFn: (typed: Fields) => send(request(typed)),
    onSuccess: async (made) => {
      await queries.invalidateQueries({ queryKey: ["function"] });
      message.success(t("published", { name: made.version ?? "" }));
      leave();
    },
  });
  const rule = (_: unknown, name: string | undefined) =>
    !name || isVersionName(name) ? Promise.resolve() : Promise.reject(new Error(t("versionRule")));
  return (
    <Modal
      {...modal}
      title={t("publishTitle")}
      okText={t("publish")}
      confirmLoading={publish.isPending}
      onOk={form.submit}
    >
      <Form form={form} layout="vertical" name="publish" onFinish={(typed) => publish.mutate(typed)}>
        <Form.Item name="version" label={t("versionName")} extra={t("versionHint")} rules={[{ validator: rule }]}>
          <Input autoComplete="off" className="mono" autoFocus />
        </Form.Item>
        <Form.Item name="description" label={t("description")}>
          <Input.TextArea maxLength={DESCRIPTION_CHARS} showCount rows={2} />
        </Form.Item>
      </Form>
      {publish.isError && <ErrorNote error={publish.error} />}
      <SameAs cli={command(urn, fields)} rest={request(fields)} />
    </Modal>
  );
}
