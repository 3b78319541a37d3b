import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App, Button, Card, Flex, Form } from "antd";
import { useTranslation } from "react-i18next";
import { send } from "../../api/call";
import { type FunctionConfig, updateConfig } from "../../api/function";
import { configCommand } from "../../rules/command";
import { ErrorNote } from "../../shared/ErrorNote";
import { SameAs } from "../../shared/SameAs";
import { Advanced, Basic, Concurrency, Disk, LifeCycle, Logs, Network, Permissions } from "./ConfigurationGroups";
import { changes, type Fields, fieldsOf } from "./fields";
import { usePlace } from "./place";
import { Variables } from "./Variables";

/** All the function's settings, grouped as the vendor's console groups them. Only what was changed is sent. */
export function Configuration({ config }: { config: FunctionConfig }) {
  const { t } = useTranslation("fn");
  const { project, urn } = usePlace();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const [form] = Form.useForm<Fields>();
  const start = fieldsOf(config);
  const now = { ...start, ...Form.useWatch([], form) };
  const changed = changes(start, now);
  const save = useMutation({
    mutationFn: () => send(updateConfig({ project, urn }, changed)),
    onSuccess: async () => {
      message.success(t("configuration.saved"));
      await Promise.all([["function"], ["functions"]].map((queryKey) => queries.invalidateQueries({ queryKey })));
    },
  });
  const untouched = Object.keys(changed).length === 0;
  return (
    <Form form={form} layout="vertical" initialValues={start} onFinish={() => save.mutate()} style={{ maxWidth: 860 }}>
      <Flex vertical gap={16}>
        <Basic />
        <Card size="small" title={t("configuration.variables")}>
          <Variables start={start.variables} />
        </Card>
        <Permissions />
        <Network />
        <Disk />
        <Concurrency />
        <LifeCycle />
        <Logs told={now.logTold} />
        <Advanced />
        {save.isError && <ErrorNote error={save.error} />}
        <Flex gap={12}>
          <Button type="primary" htmlType="submit" loading={save.isPending} disabled={untouched}>
            {t("save", { ns: "common" })}
          </Button>
          <Button onClick={() => form.resetFields()} disabled={untouched}>
            {t("cancel", { ns: "common" })}
          </Button>
        </Flex>
        {!untouched && (
          <SameAs cli={configCommand(urn, changed)} rest={updateConfig({ project, urn }, shown(changed))} />
        )}
      </Flex>
    </Form>
  );
}

/** A body as a line to copy: values to be sealed are not for the screen. */
function shown(changed: ReturnType<typeof changes>) {
  return changed.encrypted_user_data ? { ...changed, encrypted_user_data: "{…}" } : changed;
}
