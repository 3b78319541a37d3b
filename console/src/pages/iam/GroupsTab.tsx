import { EditOutlined, PlusOutlined } from "@ant-design/icons";
import { Link } from "@tanstack/react-router";
import { Flex, Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { type Group, groups } from "../../api/iam";
import { FormButton } from "../../shared/FormButton";
import { Listing } from "../../shared/Listing";
import { must } from "../../shared/rule";
import { DeleteButton } from "../../shared/SendButton";
import { useList } from "./useList";

interface Given {
  name?: string;
  description?: string;
}

const body = ({ name = "", description = "" }: Given) => ({ name, description });

export default function GroupsTab() {
  const { t } = useTranslation("iam");
  const list = useList<Group>(["iam-groups"], groups.list(), "groups");
  return (
    <Listing<Group>
      list={list}
      id={(one) => one.id}
      words={(one) => `${one.name} ${one.description}`}
      empty={t("noGroups")}
      columns={[
        {
          title: t("group"),
          key: "name",
          render: (_, one) => (
            <Link to="/iam/groups/$group" params={{ group: one.id }}>
              <strong>{one.name}</strong>
            </Link>
          ),
        },
        { title: t("description", { ns: "common" }), dataIndex: "description" },
        {
          key: "actions",
          align: "end",
          render: (_, one) => (
            <Flex justify="end">
              <FormButton<Given, unknown>
                small
                label={t("edit")}
                icon={<EditOutlined />}
                initial={{ name: one.name, description: one.description }}
                fields={<Fields />}
                request={(given) => groups.update(one.id, body(given))}
                changed={[["iam-groups"]]}
                done={t("groupSaved")}
              />
              <DeleteButton
                title={t("deleteGroup", { name: one.name })}
                text={t("deleteGroupText")}
                call={groups.remove(one.id)}
                changed={[["iam-groups"], ["users"]]}
                done={t("groupDeleted")}
              />
            </Flex>
          ),
        },
      ]}
    >
      <FormButton<Given, unknown>
        label={t("createGroup")}
        icon={<PlusOutlined />}
        button={{ type: "primary" }}
        fields={<Fields />}
        request={(given) => groups.create(body(given))}
        changed={[["iam-groups"]]}
        done={t("groupMade")}
      />
    </Listing>
  );
}

function Fields() {
  const { t } = useTranslation("iam");
  return (
    <>
      <Form.Item name="name" label={t("group")} required rules={[must((text) => text.trim() !== "", t("roleRule"))]}>
        <Input autoComplete="off" maxLength={128} />
      </Form.Item>
      <Form.Item name="description" label={t("description", { ns: "common" })}>
        <Input maxLength={255} />
      </Form.Item>
    </>
  );
}
