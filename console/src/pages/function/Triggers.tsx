import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { App, Button, Card, Descriptions, Empty, Flex, Skeleton, Tag, Tooltip, Typography } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { deleteTrigger, type FunctionConfig, functionTriggers, type Place, type Trigger } from "../../api/function";
import { LATEST, qualified } from "../../api/versions";
import { ErrorNote } from "../../shared/ErrorNote";
import { moment } from "../../shared/format";
import { CreateTrigger } from "./CreateTrigger";
import { usePlace } from "./place";
import { Qualifier } from "./Qualifier";

/** The URLs of the function. */
export function Triggers({ config }: { config: FunctionConfig }) {
  const { t } = useTranslation("fn");
  const { project } = usePlace();
  const [qualifier, setQualifier] = useState(LATEST);
  const place = { project, urn: qualified(config.func_urn, qualifier) };
  const triggers = useQuery(functionTriggers(place));
  const [creating, setCreating] = useState(false);
  const add = (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => setCreating(true)}>
      {t("triggers.create")}
    </Button>
  );
  return (
    <Flex vertical gap={12}>
      <Flex gap={8} align="center" wrap>
        {t("triggers.of")}
        <Qualifier value={qualifier} onChange={setQualifier} />
      </Flex>
      {triggers.isError && <ErrorNote error={triggers.error} retry={triggers.refetch} />}
      {triggers.isPending && <Skeleton active />}
      {triggers.data?.length === 0 && <Empty description={t("triggers.empty")}>{add}</Empty>}
      {triggers.data && triggers.data.length > 0 && <div>{add}</div>}
      {triggers.data?.map((trigger) => (
        <One key={trigger.trigger_id} trigger={trigger} place={place} />
      ))}
      <CreateTrigger open={creating} config={config} place={place} onClose={() => setCreating(false)} />
    </Flex>
  );
}

function One({ trigger, place }: { trigger: Trigger; place: Place }) {
  const { t, i18n } = useTranslation("fn");
  const event = trigger.event_data ?? {};
  const url = event.invoke_url ?? "";
  return (
    <Card
      size="small"
      title={
        <Link to="/apis/$api" params={{ api: event.api_id ?? "" }}>
          {event.name}
        </Link>
      }
      extra={<Delete trigger={trigger} place={place} />}
    >
      <Flex align="baseline" gap={8} wrap style={{ marginBottom: 8 }}>
        <Typography.Text type="secondary">{t("triggers.url")}</Typography.Text>
        <Typography.Link
          strong
          className="break"
          href={url}
          target="_blank"
          rel="noopener noreferrer"
          copyable={{ text: url }}
          data-testid="invoke-url"
        >
          {url}
        </Typography.Link>
      </Flex>
      <Descriptions
        size="small"
        column={{ xs: 1, sm: 2, lg: 3 }}
        items={[
          {
            key: "type",
            label: t("triggers.type"),
            children: t(trigger.trigger_type_code === "APIG" ? "triggers.shared" : "triggers.dedicated"),
          },
          { key: "method", label: t("triggers.method"), children: <Tag>{event.req_method}</Tag> },
          {
            key: "path",
            label: t("triggers.path"),
            children: `${event.path} (${t(event.match_mode === "NORMAL" ? "triggers.exact" : "triggers.prefix")})`,
          },
          { key: "auth", label: t("triggers.auth"), children: <Tag>{event.auth}</Tag> },
          { key: "group", label: t("triggers.group"), children: event.group_name },
          { key: "timeout", label: t("triggers.timeout"), children: `${event.func_info?.timeout ?? ""} ms` },
          { key: "created", label: t("triggers.created"), children: moment(trigger.created_time, i18n.language) },
        ]}
      />
    </Card>
  );
}

function Delete({ trigger, place }: { trigger: Trigger; place: Place }) {
  const { t } = useTranslation("fn");
  const queries = useQueryClient();
  const { modal, message } = App.useApp();
  const remove = useMutation({
    mutationFn: () => deleteTrigger(place, trigger),
    onSuccess: () => message.success(t("triggers.deleted")),
    onError: (error) => message.error(error.message),
    onSettled: () => queries.invalidateQueries({ queryKey: ["function"] }),
  });
  const ask = () =>
    modal.confirm({
      title: t("triggers.deleteTitle", { path: trigger.event_data?.path ?? "" }),
      content: t("triggers.deleteText"),
      okText: t("delete"),
      okButtonProps: { danger: true },
      onOk: () => remove.mutateAsync().catch(() => {}),
    });
  return (
    <Tooltip title={t("delete")}>
      <Button type="text" danger icon={<DeleteOutlined />} aria-label={t("delete")} onClick={ask} />
    </Tooltip>
  );
}
