import { useQuery } from "@tanstack/react-query";
import { Card, Flex, Form, Input, Radio, Skeleton, Tag, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { send } from "../../api/call";
import { type App, apps } from "../../api/gateway";
import { lines } from "../../rules/gateway";
import { ErrorNote } from "../../shared/ErrorNote";
import { FormButton } from "../../shared/FormButton";
import { SendButton } from "../../shared/SendButton";
import { useScope } from "../gateway/scope";

/** As many addresses as an app may have. */
const MOST = 100;

interface Fields {
  kind?: "PERMIT" | "DENY";
  list?: string;
}

/** From where an app may call. */
export function Addresses({ app }: { app: App }) {
  const { t } = useTranslation("apps");
  const scope = useScope();
  const key = ["apps", app.id, "acl"];
  const acl = useQuery({ queryKey: key, queryFn: () => send(apps.acl(scope, app.id)) });
  if (acl.isPending) return <Skeleton active />;
  if (acl.isError) return <ErrorNote error={acl.error} retry={acl.refetch} />;
  const { app_acl_type: kind, app_acl_values: values = [] } = acl.data;
  return (
    <Card size="small" title={t("addresses")}>
      <Flex vertical gap={12} align="start">
        {kind ? (
          <Flex gap={8} wrap align="center">
            <Typography.Text>{t(kind === "DENY" ? "deny" : "permit")}:</Typography.Text>
            {values.map((one) => (
              <Tag key={one} className="mono">
                {one}
              </Tag>
            ))}
          </Flex>
        ) : (
          <Typography.Text type="secondary">{t("anywhere")}</Typography.Text>
        )}
        <Flex gap={8} wrap>
          <FormButton<Fields, unknown>
            label={t("setAddresses")}
            initial={{ kind: kind === "DENY" ? "DENY" : "PERMIT", list: values.join("\n") }}
            fields={
              <>
                <Form.Item name="kind">
                  <Radio.Group
                    options={[
                      { value: "PERMIT", label: t("permit") },
                      { value: "DENY", label: t("deny") },
                    ]}
                  />
                </Form.Item>
                <Form.Item
                  name="list"
                  label={t("list")}
                  extra={t("listHint", { count: MOST })}
                  rules={[{ required: true }]}
                >
                  <Input.TextArea rows={5} className="mono" />
                </Form.Item>
              </>
            }
            request={(given) =>
              apps.setAcl(scope, app.id, { app_acl_type: given.kind, app_acl_values: lines(given.list) })
            }
            changed={[key]}
            done={t("addressesSet")}
          />
          {kind && (
            <SendButton
              label={t("removeAddresses")}
              title={`${t("removeAddresses")}?`}
              call={apps.removeAcl(scope, app.id)}
              changed={[key]}
              done={t("addressesGone")}
            />
          )}
        </Flex>
      </Flex>
    </Card>
  );
}
