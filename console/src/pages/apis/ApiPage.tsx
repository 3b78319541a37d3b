import { DeleteOutlined, EditOutlined, SendOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { Alert, App, Breadcrumb, Button, Card, Descriptions, Flex, Result, Skeleton, Tag, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { type Api, deleteApi, gatewayInfo, groupList, oneApi } from "../../api/apig";
import { ApiError } from "../../api/client";
import { ErrorNote } from "../../shared/ErrorNote";
import { useProject } from "../../shell/project";
import { GrantsOfApi } from "../apps/Grants";
import { PoliciesOfApi } from "../policies/OfApi";
import { History } from "./History";
import { Publish, TakeOffline } from "./Publish";

/** One API: what it is, where it answers, and what was published of it. */
export function ApiPage() {
  const { t } = useTranslation("shell");
  const { api: id } = useParams({ from: "/apis/$api" });
  const api = useQuery(oneApi(useProject(), id));
  if (api.isPending) return <Skeleton active />;
  if (api.isError) {
    const gone = api.error instanceof ApiError && api.error.status === 404;
    return gone ? <Result status="404" title={t("missing")} /> : <ErrorNote error={api.error} retry={api.refetch} />;
  }
  return (
    <Flex vertical gap={16}>
      <Head api={api.data} />
      <Facts api={api.data} />
      {api.data.auth_type === "APP" && <GrantsOfApi api={published(api.data)} />}
      <PoliciesOfApi api={published(api.data)} />
      <History api={api.data} />
    </Flex>
  );
}

const parts = (text: string | undefined) => (text ?? "").split("|").filter(Boolean);

/** An API with the environments where it is published, and its publications in them. */
const published = (api: Api) => ({
  id: api.id ?? "",
  name: api.name ?? "",
  environments: parts(api.run_env_id),
  publications: parts(api.publish_id),
});

function Head({ api }: { api: Api }) {
  const { t } = useTranslation("apis");
  const published = Boolean(api.run_env_name);
  return (
    <Flex vertical gap={4}>
      <Breadcrumb items={[{ title: <Link to="/apis">{t("title")}</Link> }, { title: api.name }]} />
      <Flex align="center" gap={12} wrap>
        <Typography.Title level={1} style={{ fontSize: 20, margin: 0 }} className="break">
          {api.name}
        </Typography.Title>
        {published ? (
          <Tag color="success" variant="solid">
            {t("online")}
          </Tag>
        ) : (
          <Tag>{t("offline")}</Tag>
        )}
        <span className="grow" />
        <Link to="/apis/$api/edit" params={{ api: api.id ?? "" }}>
          <Button icon={<EditOutlined />}>{t("edit")}</Button>
        </Link>
        <Link to="/apis/$api/call" params={{ api: api.id ?? "" }}>
          <Button icon={<SendOutlined />}>{t("call", { ns: "callPage" })}</Button>
        </Link>
        <Publish api={api} />
        {published && <TakeOffline api={api} />}
        <Delete api={api} />
      </Flex>
    </Flex>
  );
}

/** Where an API answers, once it is published. */
export function useUrl(api: Api): string {
  const project = useProject();
  const info = useQuery(gatewayInfo(project));
  const groups = useQuery(groupList(project));
  const group = groups.data?.find((one) => one.id === api.group_id);
  if (!info.data || !groups.data) return "";
  const { gateway_url, gateway_port, default_group_id } = info.data;
  if (!group || group.id === default_group_id) return `${gateway_url}${api.req_uri}`;
  return `http://${group.sl_domain}${gateway_port === 80 ? "" : `:${gateway_port}`}${api.req_uri}`;
}

function Facts({ api }: { api: Api }) {
  const { t } = useTranslation("apis");
  const url = useUrl(api);
  return (
    <Card size="small">
      <Alert type="info" showIcon title={t("unpublished")} style={{ marginBottom: 12 }} />
      <Descriptions
        size="small"
        column={{ xs: 1, md: 2 }}
        items={[
          {
            key: "url",
            label: t("url"),
            span: "filled",
            children: (
              <Typography.Text strong className="break" copyable={{ text: url }} data-testid="api-url">
                {url}
              </Typography.Text>
            ),
          },
          { key: "method", label: t("method"), children: <Tag>{api.req_method}</Tag> },
          {
            key: "path",
            label: t("path"),
            children: `${api.req_uri} (${t(api.match_mode === "SWA" ? "prefix" : "exact")})`,
          },
          { key: "protocol", label: t("protocol"), children: api.req_protocol },
          { key: "auth", label: t("auth"), children: <Tag>{api.auth_type}</Tag> },
          { key: "group", label: t("group"), children: api.group_name },
          { key: "environment", label: t("environment"), children: api.run_env_name || t("offline") },
          { key: "function", label: t("function"), children: <FunctionLink urn={api.func_info?.function_urn ?? ""} /> },
          { key: "timeout", label: t("timeout"), children: `${api.func_info?.timeout ?? ""} ms` },
          { key: "remark", label: t("remark"), span: "filled", children: api.remark },
        ]}
      />
    </Card>
  );
}

function FunctionLink({ urn }: { urn: string }) {
  const [app = "", name = ""] = urn.split(":").slice(5, 7);
  return (
    <Link to="/functions/$app/$name/$tab" params={{ app, name, tab: "triggers" }}>
      {name}
    </Link>
  );
}

function Delete({ api }: { api: Api }) {
  const { t } = useTranslation("apis");
  const project = useProject();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { modal, message } = App.useApp();
  const remove = async () => {
    try {
      await deleteApi(project, api.id ?? "");
    } catch (error) {
      message.error(error instanceof Error ? error.message : String(error));
      return;
    }
    message.success(t("deleted"));
    await navigate({ to: "/apis" });
    await Promise.all([["apis"], ["function"]].map((queryKey) => queries.invalidateQueries({ queryKey })));
  };
  const ask = () =>
    modal.confirm({
      title: t("deleteTitle", { name: api.name ?? "" }),
      content: t("deleteText"),
      okText: t("delete"),
      okButtonProps: { danger: true },
      onOk: remove,
    });
  return (
    <Button danger icon={<DeleteOutlined />} onClick={ask}>
      {t("delete")}
    </Button>
  );
}
