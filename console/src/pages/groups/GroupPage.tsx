import { EditOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Card, Flex, Form, Input, Skeleton, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { gatewayInfo } from "../../api/apig";
import { send } from "../../api/call";
import { group } from "../../api/groups";
import { isApiName } from "../../rules/definition";
import { FormButton } from "../../shared/FormButton";
import { Failure, PageHead } from "../../shared/PageHead";
import { must } from "../../shared/rule";
import { SendButton } from "../../shared/SendButton";
import { useScope } from "../gateway/scope";
import { Domains } from "./Domains";
import { GatewayResponses } from "./Responses";
import { Variables } from "./Variables";

interface Given {
  name?: string;
  remark?: string;
}

/** One group: its hosts, its variables, and what it answers in place of the gateway. */
export default function GroupPage() {
  const { t } = useTranslation("groups");
  const { group: group_id } = useParams({ from: "/apis/groups/$group" });
  const scope = useScope();
  const at = { ...scope, group_id };
  const found = useQuery({ queryKey: ["groups", scope.project_id, group_id], queryFn: () => send(group.show(at)) });
  if (found.isPending) return <Skeleton active />;
  if (found.isError) return <Failure error={found.error} retry={found.refetch} />;
  const { name = "", remark = "", sl_domain = "", sl_domain_access_enabled: open = true } = found.data;
  return (
    <Flex vertical gap={16}>
      <PageHead up={{ to: "/apis/groups", label: t("groups") }} title={name}>
        <FormButton<Given, unknown>
          label={t("edit", { ns: "common" })}
          title={t("edit")}
          icon={<EditOutlined />}
          initial={{ name, remark }}
          fields={<Fields />}
          request={(given) => group.update(at, { name: given.name, remark: given.remark ?? "" })}
          changed={[["groups"]]}
          done={t("saved")}
        />
      </PageHead>
      {remark && <Typography.Text>{remark}</Typography.Text>}
      <OwnHost group={group_id} host={sl_domain} open={open} />
      <Domains group={group_id} domains={found.data.url_domains ?? []} />
      <Variables group={group_id} />
      <GatewayResponses group={group_id} />
    </Flex>
  );
}

function Fields() {
  const { t } = useTranslation("groups");
  return (
    <>
      <Form.Item
        name="name"
        label={t("groupName", { ns: "apis" })}
        required
        rules={[must(isApiName, t("nameRule", { ns: "apis" }))]}
      >
        <Input autoComplete="off" maxLength={255} />
      </Form.Item>
      <Form.Item name="remark" label={t("description", { ns: "common" })}>
        <Input.TextArea maxLength={255} rows={2} />
      </Form.Item>
    </>
  );
}

function OwnHost({ group: group_id, host, open }: { group: string; host: string; open: boolean }) {
  const { t } = useTranslation("groups");
  const scope = useScope();
  const info = useQuery(gatewayInfo(scope.project_id));
  const bare = info.data?.default_group_id === group_id;
  return (
    <Card size="small" title={t("host")}>
      <Flex gap={12} align="center" wrap>
        <Typography.Text className="mono break" strong copyable>
          {bare ? (info.data?.gateway_url ?? "") : host}
        </Typography.Text>
        <Typography.Text type="secondary">{t(bare ? "bareHost" : open ? "hostOpen" : "hostClosed")}</Typography.Text>
        <span className="grow" />
        {!bare && (
          <SendButton
            label={t(open ? "close" : "open")}
            title={`${t(open ? "close" : "open")}?`}
            text={open ? t("closeText") : undefined}
            call={group.ownHost({ ...scope, group_id }, !open)}
            changed={[["groups"]]}
            done={t("changed")}
          />
        )}
      </Flex>
    </Card>
  );
}
