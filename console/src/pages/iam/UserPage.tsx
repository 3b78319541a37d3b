import { EditOutlined, KeyOutlined, PlusOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { Card, Flex, Form, Input, Select, Skeleton, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { send } from "../../api/call";
import { type Group, groups, type User, users } from "../../api/iam";
import { isPassword } from "../../rules/iam";
import { FormButton } from "../../shared/FormButton";
import { Listing } from "../../shared/Listing";
import { Failure, PageHead } from "../../shared/PageHead";
import { must } from "../../shared/rule";
import { DeleteButton, SendButton } from "../../shared/SendButton";
import { shell } from "../../shared/shell";
import { useChosen } from "../../shell/project";
import { Keys } from "./Keys";
import { UserState } from "./UsersTab";
import { useList } from "./useList";

/** One user: whether it may act, its keys, its groups. */
export default function UserPage() {
  const { user: id } = useParams({ from: "/iam/users/$user" });
  const found = useQuery({ queryKey: ["users", id], queryFn: () => send(users.show(id)) });
  if (found.isPending) return <Skeleton active />;
  if (found.isError) return <Failure error={found.error} retry={found.refetch} />;
  const user = found.data.user as unknown as User;
  return (
    <Flex vertical gap={16}>
      <Head user={user} />
      {user.description && <Typography.Text>{user.description}</Typography.Text>}
      <Keys user={user} />
      <Memberships user={user} />
    </Flex>
  );
}

function Head({ user }: { user: User }) {
  const { t } = useTranslation("iam");
  const navigate = useNavigate();
  const { session } = useChosen();
  const own = session.user.id === user.id;
  return (
    <PageHead up={{ to: "/iam/users", label: t("users") }} title={user.name} tags={<UserState user={user} />}>
      <FormButton<{ description?: string }, unknown>
        label={t("edit")}
        icon={<EditOutlined />}
        initial={{ description: user.description }}
        fields={
          <Form.Item name="description" label={t("description", { ns: "common" })}>
            <Input maxLength={255} />
          </Form.Item>
        }
        request={({ description = "" }) => users.update(user.id, { description })}
        changed={[["users"]]}
        done={t("userChanged")}
      />
      <Password user={user} own={own} />
      {!user.is_domain_owner && (
        <>
          <SendButton
            label={t(user.enabled ? "disable" : "enable")}
            title={t(user.enabled ? "disableTitle" : "enableTitle", { name: user.name })}
            text={user.enabled ? t("disableText") : undefined}
            call={users.update(user.id, { enabled: !user.enabled })}
            cli={`sudo funcd user ${user.enabled ? "disable" : "enable"} ${shell(user.name)}`}
            changed={[["users"]]}
            done={t("userChanged")}
          />
          <DeleteButton
            title={t("deleteUser", { name: user.name })}
            text={t("deleteUserText")}
            call={users.remove(user.id)}
            cli={`sudo funcd user delete ${shell(user.name)}`}
            changed={[]}
            done={t("userDeleted")}
            then={() => navigate({ to: "/iam/users" })}
          />
        </>
      )}
    </PageHead>
  );
}

interface Passwords {
  old?: string;
  password?: string;
}

/** One's own password is changed by who knows it; another's is set. */
function Password({ user, own }: { user: User; own: boolean }) {
  const { t } = useTranslation("iam");
  const call = (old: string, password: string) =>
    own ? users.password(user.id, old, password) : users.update(user.id, { password });
  return (
    <FormButton<Passwords, unknown>
      label={t("setPassword")}
      icon={<KeyOutlined />}
      fields={
        <>
          {own && (
            <Form.Item name="old" label={t("oldPassword")} rules={[{ required: true }]}>
              <Input.Password autoComplete="current-password" />
            </Form.Item>
          )}
          <Form.Item name="password" label={t("newPassword")} required rules={[must(isPassword, t("passwordRule"))]}>
            <Input.Password autoComplete="new-password" maxLength={32} />
          </Form.Item>
        </>
      }
      request={({ old = "", password = "" }) => call(old, password)}
      shown={() => call("…", "…")}
      changed={[["users"]]}
      done={t("passwordSet")}
    />
  );
}

function Memberships({ user }: { user: User }) {
  const { t } = useTranslation("iam");
  const list = useList<Group>(["users", user.id, "groups"], users.groups(user.id), "groups");
  const all = useList<Group>(["iam-groups"], groups.list(), "groups");
  const options = (all.data ?? []).map(({ id, name }) => ({ value: id, label: name }));
  const changed = [["users", user.id], ["iam-groups"]];
  return (
    <Card size="small" title={t("memberOf")}>
      <Listing<Group>
        list={list}
        id={(one) => one.id}
        empty={t("noMember")}
        columns={[
          {
            title: t("group"),
            key: "name",
            render: (_, one) => (
              <Link to="/iam/groups/$group" params={{ group: one.id }}>
                {one.name}
              </Link>
            ),
          },
          { title: t("description", { ns: "common" }), dataIndex: "description" },
          {
            key: "actions",
            align: "end",
            render: (_, one) => (
              <DeleteButton
                title={t("takeOutTitle", { name: user.name, group: one.name })}
                call={groups.take(one.id, user.id)}
                changed={changed}
                done={t("taken")}
              />
            ),
          },
        ]}
      >
        <FormButton<{ group?: string }, unknown>
          label={t("addToGroup")}
          icon={<PlusOutlined />}
          fields={
            <Form.Item name="group" label={t("group")} rules={[{ required: true }]}>
              <Select showSearch optionFilterProp="label" options={options} loading={all.isFetching} />
            </Form.Item>
          }
          request={({ group = "" }) => groups.add(group, user.id)}
          changed={changed}
          done={t("added")}
        />
      </Listing>
    </Card>
  );
}
