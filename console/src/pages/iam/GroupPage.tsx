import { PlusOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { Card, Flex, Form, Select, Skeleton, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { send } from "../../api/call";
import { type Group, groups, type User, users } from "../../api/iam";
import { FormButton } from "../../shared/FormButton";
import { Listing } from "../../shared/Listing";
import { Failure, PageHead } from "../../shared/PageHead";
import { DeleteButton } from "../../shared/SendButton";
import { Rights } from "./Rights";
import { UserState } from "./UsersTab";
import { useList } from "./useList";

/** One group: its users, and what they may do by it. */
export default function GroupPage() {
  const { t } = useTranslation("iam");
  const { group: id } = useParams({ from: "/iam/groups/$group" });
  const found = useQuery({ queryKey: ["iam-groups", id], queryFn: () => send(groups.show(id)) });
  if (found.isPending) return <Skeleton active />;
  if (found.isError) return <Failure error={found.error} retry={found.refetch} />;
  const group = found.data.group as unknown as Group;
  return (
    <Flex vertical gap={16}>
      <PageHead up={{ to: "/iam/groups", label: t("groups") }} title={group.name} />
      {group.description && <Typography.Text>{group.description}</Typography.Text>}
      <Rights of="group" id={group.id} />
      <Members group={group} />
    </Flex>
  );
}

function Members({ group }: { group: Group }) {
  const { t } = useTranslation("iam");
  const key = ["iam-groups", group.id, "users"];
  const list = useList<User>(key, groups.users(group.id), "users");
  const all = useList<User>(["users"], users.list(), "users");
  const options = (all.data ?? []).map(({ id, name }) => ({ value: id, label: name }));
  const changed = [key, ["users"]];
  return (
    <Card size="small" title={t("members")}>
      <Listing<User>
        list={list}
        id={(one) => one.id}
        empty={t("noMembers")}
        columns={[
          {
            title: t("user"),
            key: "name",
            render: (_, one) => (
              <Link to="/iam/users/$user" params={{ user: one.id }}>
                {one.name}
              </Link>
            ),
          },
          { title: t("state"), key: "state", render: (_, one) => <UserState user={one} /> },
          {
            key: "actions",
            align: "end",
            render: (_, one) => (
              <DeleteButton
                title={t("takeOutTitle", { name: one.name, group: group.name })}
                call={groups.take(group.id, one.id)}
                changed={changed}
                done={t("taken")}
              />
            ),
          },
        ]}
      >
        <FormButton<{ user?: string }, unknown>
          label={t("addUser")}
          icon={<PlusOutlined />}
          fields={
            <Form.Item name="user" label={t("user")} rules={[{ required: true }]}>
              <Select showSearch optionFilterProp="label" options={options} loading={all.isFetching} />
            </Form.Item>
          }
          request={({ user = "" }) => groups.add(group.id, user)}
          changed={changed}
          done={t("added")}
        />
      </Listing>
    </Card>
  );
}
