import { DeleteOutlined, EditOutlined, SendOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { Alert, Breadcrumb, Card, Descriptions, Flex, Result, Skeleton, Tag, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { type Api, apis, gatewayInfo, groupList, oneApi } from "../../api/apig";
import { ApiError } from "../../api/client";
import { urls } from "../../rules/address";
import { ErrorNote } from "../../shared/ErrorNote";
import { LinkButton } from "../../shared/LinkButton";
import { SendButton } from "../../shared/SendButton";
import { shell } from "../../shared/shell";
import { useProject } from "../../shell/project";
import { GrantsOfApi } from "../apps/Grants";
import { useScope } from "../gateway/scope";
import { PoliciesOfApi } from "../policies/OfApi";
import { History } from "./History";
import { Parameters } from "./Parameters";
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
      <Parameters api={api.data} />
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
        <LinkButton icon={<EditOutlined />} to="/apis/$api/edit" params={{ api: api.id ?? "" }}>
          {t("edit")}
        </LinkButton>
        <LinkButton icon={<SendOutlined />} to="/apis/$api/call" params={{ api: api.id ?? "" }}>
          {t("call", { ns: "callPage" })}
        </LinkButton>
        <Publish api={api} />
        {published && <TakeOffline api={api} />}
        <Delete api={api} />
      </Flex>
    </Flex>
  );
}

/** Where an API answers, once it is published; nothing before that is known. */
export function useUrls(api: Api): string[] {
  const project = useProject();
  const info = useQuery(gatewayInfo(project));
  const groups = useQuery(groupList(project));
  if (!info.data || !groups.data) return [];
  const group = groups.data.find((one) => one.id === api.group_id);
  return urls(info.data, group, api);
}

function Facts({ api }: { api: Api }) {
  const { t } = useTranslation("apis");
  const all = useUrls(api);
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
              <Flex vertical data-testid="api-url">
                {all.map((url) => (
                  <Typography.Text key={url} strong className="break" copyable={{ text: url }}>
                    {url}
                  </Typography.Text>
                ))}
              </Flex>
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
          { key: "function", label: t("function"), children: <FunctionLink api={api} /> },
          { key: "timeout", label: t("timeout"), children: `${api.func_info?.timeout ?? ""} ms` },
          { key: "remark", label: t("remark"), span: "filled", children: api.remark },
        ]}
      />
    </Card>
  );
}

/** The function with the version or alias that is called, and how where that is not the usual way. */
function FunctionLink({ api }: { api: Api }) {
  const { function_urn = "", version, alias_urn, req_protocol } = api.func_info ?? {};
  const [app = "", name = ""] = function_urn.split(":").slice(5, 7);
  return (
    <Flex gap={8} wrap>
      <Link to="/functions/$app/$name/$tab" params={{ app, name, tab: "triggers" }}>
        {name}
      </Link>
      <Tag>{alias_urn?.split(":").at(-1) ?? version}</Tag>
      {req_protocol === "GRPCS" && <Tag>HTTP/2</Tag>}
    </Flex>
  );
}

function Delete({ api }: { api: Api }) {
  const { t } = useTranslation("apis");
  const navigate = useNavigate();
  const id = api.id ?? "";
  return (
    <SendButton
      danger
      icon={<DeleteOutlined />}
      label={t("delete")}
      title={t("deleteTitle", { name: api.name ?? "" })}
      text={t("deleteText")}
      call={apis.remove(useScope(), id)}
      cli={`sudo funcd api delete ${shell(id)} --yes`}
      changed={[["apis"], ["function"]]}
      done={t("deleted")}
      then={() => navigate({ to: "/apis" })}
    />
  );
}
