import { Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { isAppKey, isAppName, isAppSecret } from "../../rules/gateway";
import { must } from "../../shared/rule";

export interface Named {
  name?: string;
  remark?: string;
  app_key?: string;
  app_secret?: string;
}

/** The request for what was entered: what is empty is not said. */
export const wanted = ({ name, remark, app_key, app_secret }: Named) => ({
  name: name ?? "",
  remark: remark ?? "",
  ...(app_key ? { app_key } : {}),
  ...(app_secret ? { app_secret } : {}),
});

export function AppFields({ keys = false }: { keys?: boolean }) {
  const { t } = useTranslation("apps");
  return (
    <>
      <Form.Item name="name" label={t("name")} required rules={[must(isAppName, t("nameRule"))]}>
        <Input autoComplete="off" maxLength={64} />
      </Form.Item>
      <Form.Item name="remark" label={t("description", { ns: "common" })}>
        <Input.TextArea maxLength={255} rows={2} />
      </Form.Item>
      {keys && (
        <>
          <Form.Item name="app_key" label={t("key")} extra={t("keyHint")} rules={[must(isAppKey, t("keyRule"))]}>
            <Input autoComplete="off" className="mono" />
          </Form.Item>
          <Form.Item
            name="app_secret"
            label={t("secret")}
            extra={t("keyHint")}
            rules={[must(isAppSecret, t("secretRule"))]}
          >
            <Input.Password autoComplete="new-password" className="mono" />
          </Form.Item>
        </>
      )}
    </>
  );
}
