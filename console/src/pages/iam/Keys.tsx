import { PauseCircleOutlined, PlayCircleOutlined, PlusOutlined } from "@ant-design/icons";
import { Alert, Card, Flex, Form, Input, Modal, Tag, Typography } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Key, keys, type NewKey, type User } from "../../api/iam";
import { CopyLine } from "../../shared/CopyLine";
import { FormButton } from "../../shared/FormButton";
import { moment } from "../../shared/format";
import { Listing } from "../../shared/Listing";
import { DeleteButton, SendButton } from "../../shared/SendButton";
import { shell } from "../../shared/shell";
import { useList } from "./useList";

/** Access keys of a user. The secret of a new one is in this page's memory until it is closed, and nowhere else. */
export function Keys({ user }: { user: User }) {
  const { t, i18n } = useTranslation("iam");
  const [made, setMade] = useState<NewKey>();
  const key = ["users", user.id, "keys"];
  const list = useList<Key>(key, keys.list(user.id), "credentials");
  return (
    <Card size="small" title={t("keys")}>
      <Listing<Key>
        list={list}
        id={(one) => one.access}
        empty={t("noKeys")}
        cli={`sudo funcd key create ${shell(user.name)}`}
        columns={[
          { title: t("access"), key: "access", render: (_, one) => <span className="mono">{one.access}</span> },
          {
            title: t("state"),
            key: "state",
            render: (_, one) => <Tag>{t(one.status === "active" ? "active" : "inactive")}</Tag>,
          },
          { title: t("description", { ns: "common" }), dataIndex: "description" },
          {
            title: t("lastUse"),
            key: "last",
            render: (_, one) => moment(one.last_use_time, i18n.language) || t("never"),
          },
          { key: "actions", align: "end", render: (_, one) => <Actions one={one} changed={[key]} /> },
        ]}
      >
        <FormButton<{ description?: string }, NewKey>
          label={t("makeKey")}
          icon={<PlusOutlined />}
          fields={
            <Form.Item name="description" label={t("description", { ns: "common" })}>
              <Input maxLength={255} />
            </Form.Item>
          }
          request={({ description = "" }) => keys.create(user.id, description)}
          cli={({ description }) =>
            `sudo funcd key create ${shell(user.name)}${description ? ` --description ${shell(description)}` : ""}`
          }
          changed={[key]}
          done={t("keyMade")}
          then={setMade}
        />
      </Listing>
      {made && <Once made={made} close={() => setMade(undefined)} />}
    </Card>
  );
}

function Once({ made, close }: { made: NewKey; close: () => void }) {
  const { t } = useTranslation("iam");
  const { access = "", secret = "" } = made.credential ?? {};
  return (
    <Modal
      open
      title={t("keyMade")}
      okText={t("closeKey")}
      onOk={close}
      onCancel={close}
      mask={{ closable: false }}
      cancelButtonProps={{ style: { display: "none" } }}
    >
      <Flex vertical gap={12}>
        <Alert type="warning" showIcon title={t("keyOnce")} description={t("keyOnceText")} />
        <div>
          <Typography.Text>{t("access")}</Typography.Text>
          <CopyLine text={access} />
        </div>
        <div data-testid="secret">
          <Typography.Text>{t("secret")}</Typography.Text>
          <CopyLine text={secret} />
        </div>
      </Flex>
    </Modal>
  );
}

function Actions({ one, changed }: { one: Key; changed: unknown[][] }) {
  const { t } = useTranslation("iam");
  const on = one.status === "active";
  return (
    <Flex justify="end">
      <SendButton
        small
        icon={on ? <PauseCircleOutlined /> : <PlayCircleOutlined />}
        label={t(on ? "switchOff" : "switchOn")}
        title={`${t(on ? "switchOff" : "switchOn")}: ${one.access}?`}
        text={on ? t("switchOffText") : undefined}
        call={keys.set(one.access, on ? "inactive" : "active")}
        cli={`sudo funcd key ${on ? "disable" : "enable"} ${one.access}`}
        changed={changed}
        done={t("keyChanged")}
      />
      <DeleteButton
        title={t("deleteKey", { key: one.access })}
        text={t("deleteKeyText")}
        call={keys.remove(one.access)}
        cli={`sudo funcd key delete ${one.access}`}
        changed={changed}
        done={t("keyDeleted")}
      />
    </Flex>
  );
}
