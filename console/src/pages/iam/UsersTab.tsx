import { PlusOutlined } from "@ant-design/icons";
import { Link } from "@tanstack/react-router";
import { Flex, Form, Grid, Input, type TableColumnsType, Tag } from "antd";
import { useTranslation } from "react-i18next";
import { type User, users } from "../../api/iam";
import { isPassword } from "../../rules/iam";
import { FormButton } from "../../shared/FormButton";
import { moment } from "../../shared/format";
import { Listing } from "../../shared/Listing";
import { must } from "../../shared/rule";
import { DeleteButton } from "../../shared/SendButton";
import { shell } from "../../shared/shell";
import { useList } from "./useList";

interface Given {
  name?: string;
  password?: string;
  description?: string;
}

export default function UsersTab() {
  const { t } = useTranslation("iam");
  const list = useList<User>(["users"], users.list(), "users");
  const columns = useColumns();
  return (
    <Listing<User>
      list={list}
      id={(one) => one.id}
      columns={columns}
      words={(one) => `${one.name} ${one.description}`}
      empty={t("noUsers")}
      cli="sudo funcd user create NAME"
    >
      <FormButton<Given, unknown>
        label={t("createUser")}
        icon={<PlusOutlined />}
        button={{ type: "primary" }}
        fields={<Fields />}
        request={({ name = "", password, description = "" }) =>
          users.create({ name, description, ...(password ? { password } : {}) })
        }
        shown={({ name = "", description = "", password }) =>
          users.create({ name, description, ...(password ? { password: "…" } : {}) })
        }
        cli={command}
        changed={[["users"]]}
        done={t("userMade")}
      />
    </Listing>
  );
}

/** A password is typed at the line, not written on it. */
function command({ name, description, password }: Given): string | undefined {
  const about = description ? ` --description ${shell(description)}` : "";
  return name ? `sudo funcd user create ${shell(name)}${password ? " --password-stdin" : ""}${about}` : undefined;
}

function Fields() {
  const { t } = useTranslation("iam");
  return (
    <>
      <Form.Item name="name" label={t("user")} required rules={[must((text) => text.trim() !== "", t("userRule"))]}>
        <Input autoComplete="off" maxLength={64} />
      </Form.Item>
      <Form.Item
        name="password"
        label={t("password")}
        extra={t("passwordHint")}
        rules={[must((text) => text === "" || isPassword(text), t("passwordRule"))]}
      >
        <Input.Password autoComplete="new-password" maxLength={32} />
      </Form.Item>
      <Form.Item name="description" label={t("description", { ns: "common" })}>
        <Input maxLength={255} />
      </Form.Item>
    </>
  );
}

/** Whether a user may act. */
export function UserState({ user }: { user: User }) {
  const { t } = useTranslation("iam");
  return (
    <Flex gap={4} style={{ display: "inline-flex" }}>
      {user.enabled ? (
        <Tag color="success" variant="solid">
          {t("enabled")}
        </Tag>
      ) : (
        <Tag>{t("disabled")}</Tag>
      )}
      {user.is_domain_owner && <Tag>{t("owner")}</Tag>}
    </Flex>
  );
}

function useColumns(): TableColumnsType<User> {
  const { t, i18n } = useTranslation("iam");
  const wide = Grid.useBreakpoint().md ?? true;
  const start: TableColumnsType<User> = [
    {
      title: t("user"),
      key: "name",
      sorter: (a, b) => a.name.localeCompare(b.name),
      render: (_, one) => (
        <Link to="/iam/users/$user" params={{ user: one.id }}>
          <strong>{one.name}</strong>
        </Link>
      ),
    },
    { title: t("state"), key: "state", render: (_, one) => <UserState user={one} /> },
  ];
  const more: TableColumnsType<User> = [
    { title: t("description", { ns: "common" }), dataIndex: "description" },
    {
      title: t("created", { ns: "common" }),
      key: "created",
      render: (_, one) => moment(one.create_time, i18n.language),
    },
  ];
  const actions: TableColumnsType<User> = [
    {
      key: "actions",
      align: "end",
      render: (_, one) =>
        !one.is_domain_owner && (
          <DeleteButton
            title={t("deleteUser", { name: one.name })}
            text={t("deleteUserText")}
            call={users.remove(one.id)}
            cli={`sudo funcd user delete ${shell(one.name)}`}
            changed={[["users"]]}
            done={t("userDeleted")}
          />
        ),
    },
  ];
  return [...start, ...(wide ? more : []), ...actions];
}
