import { PlusOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Button, Card, Descriptions, Empty, Flex, Skeleton, Tag, Typography } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { deleteTrigger, type FunctionConfig, functionTriggers, type Place, type Trigger } from "../../api/function";
import { LATEST, qualified } from "../../api/versions";
import { ErrorNote } from "../../shared/ErrorNote";
import { moment } from "../../shared/format";
import { DeleteButton } from "../../shared/SendButton";
import { shell } from "../../shared/shell";
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
  return (
    <Flex vertical gap={12}>
      <Flex gap={8} align="center" wrap>
        {t("triggers.of")}
        <Qualifier value={qualifier} onChange={setQualifier} />
        <span className="grow" />
        {/* It stays where it is with and without triggers: the focus comes back to it. */}
        <Button type="primary" icon={<PlusOutlined />} onClick={() => setCreating(true)}>
          {t("triggers.create")}
        </Button>
      </Flex>
      {triggers.isError && <ErrorNote error={triggers.error} retry={triggers.refetch} />}
      {triggers.isPending && <Skeleton active />}
      {triggers.data?.length === 0 && <Empty description={t("triggers.empty")} />}
      {triggers.data?.map((trigger) => (
        <One key={trigger.trigger_id} trigger={trigger} place={place} />
      ))}
      <CreateTrigger
        open={creating}
        config={config}
        place={place}
        first={triggers.data?.length === 0}
        onClose={() => setCreating(false)}
      />
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

/** The trigger's API goes with it, and it with its API: the command line deletes the one, this the other. */
function Delete({ trigger, place }: { trigger: Trigger; place: Place }) {
  const { t } = useTranslation("fn");
  const { path = "", api_id } = trigger.event_data ?? {};
  return (
    <DeleteButton
      title={t("triggers.deleteTitle", { path })}
      text={t("triggers.deleteText")}
      call={deleteTrigger(place, trigger)}
      cli={api_id && `sudo funcd api delete ${shell(api_id)} --yes`}
      changed={[["function"], ["apis"]]}
      done={t("triggers.deleted")}
    />
  );
}
