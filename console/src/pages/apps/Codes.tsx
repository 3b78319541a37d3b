import { PlusOutlined } from "@ant-design/icons";
import { Card, Form, Input, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { type App, type AppCode, apps } from "../../api/gateway";
import { ELIDED } from "../../api/package";
import { isAppCode } from "../../rules/gateway";
import { FormButton } from "../../shared/FormButton";
import { moment } from "../../shared/format";
import { Listing } from "../../shared/Listing";
import { must } from "../../shared/rule";
import { shell } from "../../shared/SameAs";
import { Secret } from "../../shared/Secret";
import { DeleteButton } from "../../shared/SendButton";
import { useItems, useScope } from "../gateway/scope";

interface Own {
  code?: string;
}

/** Texts that an app may send in place of a signature. */
export function Codes({ app }: { app: App }) {
  const { t, i18n } = useTranslation("apps");
  const scope = useScope();
  const list = useItems(["apps", app.id, "codes"], apps.codes(scope, app.id), "app_codes");
  return (
    <Card size="small" title={t("codes")}>
      <Listing<AppCode>
        list={list}
        id={(one) => one.id}
        empty={t("noCodes")}
        columns={[
          { title: t("code"), key: "code", render: (_, one) => <Secret text={one.app_code} /> },
          {
            title: t("created", { ns: "common" }),
            key: "created",
            render: (_, one) => moment(one.create_time, i18n.language),
          },
          {
            key: "actions",
            align: "end",
            render: (_, one) => (
              <DeleteButton
                title={t("deleteCodeTitle")}
                text={t("deleteCodeText")}
                call={apps.removeCode(scope, app.id, one.id)}
                changed={[["apps", app.id, "codes"]]}
                done={t("codeDeleted")}
              />
            ),
          },
        ]}
      >
        <FormButton<Own, unknown>
          label={t("makeCode")}
          icon={<PlusOutlined />}
          fields={
            <Form.Item
              name="code"
              label={t("ownCode")}
              extra={t("ownCodeHint")}
              rules={[must(isAppCode, t("codeRule"))]}
            >
              <Input.Password autoComplete="new-password" className="mono" maxLength={180} />
            </Form.Item>
          }
          request={({ code }) => (code ? apps.addCode(scope, app.id, code) : apps.makeCode(scope, app.id))}
          // A code is not for the screen.
          shown={({ code }) => (code ? apps.addCode(scope, app.id, ELIDED) : apps.makeCode(scope, app.id))}
          cli={({ code }) => `sudo funcd app code ${shell(app.name)}${code ? " --code-file code.txt" : ""}`}
          changed={[["apps", app.id, "codes"]]}
          done={t("codeMade")}
        />
      </Listing>
      <Typography.Text type="secondary">{t("codesHint")}</Typography.Text>
    </Card>
  );
}
