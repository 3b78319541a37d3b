import { PlusOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Flex, Form, Input, Table } from "antd";
import { useTranslation } from "react-i18next";
import { apiList, type Group, gatewayInfo, groupList } from "../../api/apig";
import { group } from "../../api/groups";
import { isApiName } from "../../rules/definition";
import { ErrorNote } from "../../shared/ErrorNote";
import { FormButton } from "../../shared/FormButton";
import { must } from "../../shared/rule";
import { DeleteButton } from "../../shared/SendButton";
import { shell } from "../../shared/shell";
import { useProject } from "../../shell/project";
import { useScope } from "../gateway/scope";

/** Hosts that APIs answer at. */
export default function Groups() {
  const { t } = useTranslation("apis");
  const project = useProject();
  const groups = useQuery(groupList(project));
  const apis = useQuery(apiList(project));
  const info = useQuery(gatewayInfo(project));
  const bare = info.data?.default_group_id;
  const count = (group: Group) => (apis.data ?? []).filter((one) => one.group_id === group.id).length;
  return (
    <Flex vertical gap={12}>
      <CreateGroup />
      {groups.isError && <ErrorNote error={groups.error} retry={groups.refetch} />}
      <Table<Group>
        size="middle"
        rowKey="id"
        dataSource={groups.data ?? []}
        loading={groups.isPending}
        scroll={{ x: "max-content" }}
        pagination={{ defaultPageSize: 20, hideOnSinglePage: true }}
        columns={[
          {
            title: t("groupName"),
            key: "name",
            render: (_, group) => (
              <Link to="/apis/groups/$group" params={{ group: group.id }}>
                <strong>{group.name}</strong>
              </Link>
            ),
          },
          {
            title: t("domain"),
            key: "domain",
            render: (_, group) => (
              <span className="mono">
                {group.id === bare ? `${info.data?.gateway_url} (${t("bare")})` : group.sl_domain}
              </span>
            ),
          },
          {
            title: t("domains"),
            key: "domains",
            render: (_, group) => (group.url_domains ?? []).map((one) => one.domain).join(", "),
          },
          { title: t("count"), key: "count", render: (_, group) => count(group) },
          { title: t("remark"), dataIndex: "remark" },
          {
            key: "actions",
            align: "end",
            render: (_, group) => group.id !== bare && count(group) === 0 && <DeleteGroup of={group} />,
          },
        ]}
      />
    </Flex>
  );
}

interface Given {
  name?: string;
  remark?: string;
}

function CreateGroup() {
  const { t } = useTranslation("apis");
  const scope = useScope();
  return (
    <div>
      <FormButton<Given, unknown>
        label={t("createGroup")}
        okText={t("create", { ns: "common" })}
        icon={<PlusOutlined />}
        button={{ type: "primary" }}
        fields={
          <>
            <Form.Item name="name" label={t("groupName")} required rules={[must(isApiName, t("nameRule"))]}>
              <Input autoComplete="off" maxLength={255} />
            </Form.Item>
            <Form.Item name="remark" label={t("remark")}>
              <Input.TextArea maxLength={255} rows={2} />
            </Form.Item>
          </>
        }
        request={({ name = "", remark = "" }) => group.create(scope, { name, remark })}
        cli={({ name = "", remark }) =>
          `sudo funcd group create ${shell(name || "shop")}${remark ? ` --description ${shell(remark)}` : ""}`
        }
        changed={[["groups"]]}
        done={t("groupMade")}
      />
    </div>
  );
}

function DeleteGroup({ of }: { of: Group }) {
  const { t } = useTranslation("apis");
  const scope = useScope();
  return (
    <DeleteButton
      title={t("deleteGroupTitle", { name: of.name })}
      text={t("deleteGroupText")}
      call={group.remove({ ...scope, group_id: of.id })}
      cli={`sudo funcd group delete ${shell(of.id)} --yes`}
      changed={[["groups"]]}
      done={t("groupDeleted")}
    />
  );
}
