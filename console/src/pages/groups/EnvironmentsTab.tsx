import { EditOutlined, PlusOutlined } from "@ant-design/icons";
import { Flex, Form, Input, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { type Environment, environments } from "../../api/gateway";
import { isEnvironmentName } from "../../rules/gateway";
import { FormButton } from "../../shared/FormButton";
import { moment } from "../../shared/format";
import { Listing } from "../../shared/Listing";
import { must } from "../../shared/rule";
import { DeleteButton } from "../../shared/SendButton";
import { RELEASE } from "../apps/Grants";
import { useItems, useScope } from "../gateway/scope";

interface Given {
  name?: string;
  remark?: string;
}

const body = ({ name = "", remark = "" }: Given) => ({ name, remark });

/** Environments that APIs are published in. */
export default function EnvironmentsTab() {
  const { t, i18n } = useTranslation("groups");
  const scope = useScope();
  const list = useItems(["environments"], environments.list(scope), "envs");
  return (
    <>
      <Listing<Environment>
        list={list}
        id={(one) => one.id}
        empty={t("noEnvironments")}
        columns={[
          { title: t("environment"), key: "name", render: (_, one) => <strong>{one.name}</strong> },
          { title: t("description", { ns: "common" }), dataIndex: "remark" },
          {
            title: t("created", { ns: "common" }),
            key: "created",
            render: (_, one) => moment(one.create_time, i18n.language),
          },
          {
            key: "actions",
            align: "end",
            render: (_, one) =>
              one.id === RELEASE ? (
                <Typography.Text type="secondary">{t("release")}</Typography.Text>
              ) : (
                <Flex justify="end">
                  <FormButton<Given, unknown>
                    small
                    label={t("edit", { ns: "common" })}
                    icon={<EditOutlined />}
                    initial={{ name: one.name, remark: one.remark }}
                    fields={<Fields />}
                    request={(given) => environments.update(scope, one.id, body(given))}
                    changed={[["environments"]]}
                    done={t("saved")}
                  />
                  <DeleteButton
                    title={t("deleteEnvironment", { name: one.name })}
                    text={t("deleteEnvironmentText")}
                    call={environments.remove(scope, one.id)}
                    changed={[["environments"], ["apis"], ["grants"], ["bindings"]]}
                    done={t("environmentDeleted")}
                  />
                </Flex>
              ),
          },
        ]}
      >
        <FormButton<Given, unknown>
          label={t("addEnvironment")}
          icon={<PlusOutlined />}
          button={{ type: "primary" }}
          fields={<Fields />}
          request={(given) => environments.create(scope, body(given))}
          changed={[["environments"]]}
          done={t("environmentMade")}
        />
      </Listing>
      <Typography.Paragraph type="secondary">{t("environmentHint")}</Typography.Paragraph>
    </>
  );
}

function Fields() {
  const { t } = useTranslation("groups");
  return (
    <>
      <Form.Item
        name="name"
        label={t("environment")}
        extra={t("environmentHint")}
        required
        rules={[must(isEnvironmentName, t("environmentRule"))]}
      >
        <Input autoComplete="off" maxLength={64} />
      </Form.Item>
      <Form.Item name="remark" label={t("description", { ns: "common" })}>
        <Input maxLength={255} />
      </Form.Item>
    </>
  );
}
