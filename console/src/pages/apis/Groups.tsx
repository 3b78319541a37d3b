import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { App, Button, Flex, Form, Input, Modal, Table, Typography } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { apiList, createGroup, deleteGroup, type Group, gatewayInfo, groupList } from "../../api/apig";
import { isApiName } from "../../rules/definition";
import { ErrorNote } from "../../shared/ErrorNote";
import { useProject } from "../../shell/project";

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
            render: (_, group) => group.id !== bare && count(group) === 0 && <DeleteGroup group={group} />,
          },
        ]}
      />
    </Flex>
  );
}

function CreateGroup() {
  const { t } = useTranslation("apis");
  const project = useProject();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const [asking, setAsking] = useState(false);
  const [form] = Form.useForm<{ name: string; remark?: string }>();
  const create = useMutation({
    mutationFn: (given: { name: string; remark?: string }) => createGroup(project, given.name, given.remark ?? ""),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["groups"] });
      message.success(t("groupMade"));
      setAsking(false);
    },
  });
  const name = (_: unknown, value: string) =>
    isApiName(value ?? "") ? Promise.resolve() : Promise.reject(new Error(t("nameRule")));
  return (
    <div>
      <Button type="primary" icon={<PlusOutlined />} onClick={() => setAsking(true)}>
        {t("createGroup")}
      </Button>
      <Modal
        open={asking}
        title={t("createGroup")}
        okText={t("create", { ns: "common" })}
        confirmLoading={create.isPending}
        onCancel={() => setAsking(false)}
        onOk={form.submit}
        destroyOnHidden
      >
        <Form form={form} layout="vertical" preserve={false} onFinish={(given) => create.mutate(given)}>
          <Form.Item name="name" label={t("groupName")} required rules={[{ validator: name }]}>
            <Input autoComplete="off" maxLength={255} />
          </Form.Item>
          <Form.Item name="remark" label={t("remark")}>
            <Input.TextArea maxLength={255} rows={2} />
          </Form.Item>
          {create.isError && <ErrorNote error={create.error} />}
        </Form>
      </Modal>
    </div>
  );
}

function DeleteGroup({ group }: { group: Group }) {
  const { t } = useTranslation("apis");
  const project = useProject();
  const queries = useQueryClient();
  const { modal, message } = App.useApp();
  const remove = async () => {
    try {
      await deleteGroup(project, group.id);
      message.success(t("groupDeleted"));
    } catch (error) {
      message.error(error instanceof Error ? error.message : String(error));
    }
    await queries.invalidateQueries({ queryKey: ["groups"] });
  };
  const ask = () =>
    modal.confirm({
      title: t("deleteGroupTitle", { name: group.name }),
      content: <Typography.Text>{t("deleteGroupText")}</Typography.Text>,
      okText: t("delete"),
      okButtonProps: { danger: true },
      onOk: remove,
    });
  return <Button type="text" danger icon={<DeleteOutlined />} aria-label={t("delete")} onClick={ask} />;
}
