import { EditOutlined, PlusOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { Card, Descriptions, Flex, Form, InputNumber, Radio, Select, Skeleton, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { send } from "../../api/call";
import { apps } from "../../api/gateway";
import { type Special, type Throttle, throttles } from "../../api/policies";
import { FormButton } from "../../shared/FormButton";
import { Listing } from "../../shared/Listing";
import { Failure, PageHead } from "../../shared/PageHead";
import { must } from "../../shared/rule";
import { DeleteButton } from "../../shared/SendButton";
import { useChosen } from "../../shell/project";
import { useItems, useScope } from "../gateway/scope";
import { Bindings } from "./Bindings";
import { given, ThrottleFields, type ThrottleGiven, throttle } from "./ThrottleFields";
import { useWindow } from "./ThrottlesTab";

/** One throttling policy: its limits, those of single apps and users, and where it is bound. */
export default function ThrottlePage() {
  const { policy: id } = useParams({ from: "/apis/throttles/$policy" });
  const scope = useScope();
  const found = useQuery({ queryKey: ["throttles", id], queryFn: () => send(throttles.show(scope, id)) });
  if (found.isPending) return <Skeleton active />;
  if (found.isError) return <Failure error={found.error} retry={found.refetch} />;
  const policy = found.data as Throttle;
  return (
    <Flex vertical gap={16}>
      <Head policy={policy} />
      <Facts policy={policy} />
      <Bindings kind="throttles" policy={policy} />
      <Specials policy={policy} />
    </Flex>
  );
}

function Head({ policy }: { policy: Throttle }) {
  const { t } = useTranslation("policies");
  const scope = useScope();
  const navigate = useNavigate();
  return (
    <PageHead up={{ to: "/apis/throttles", label: t("throttles") }} title={policy.name}>
      <FormButton<ThrottleGiven, unknown>
        label={t("edit", { ns: "common" })}
        title={t("editPolicy")}
        icon={<EditOutlined />}
        initial={given(policy)}
        fields={<ThrottleFields />}
        request={(one) => throttles.update(scope, policy.id, throttle(one))}
        changed={[["throttles"]]}
        done={t("saved")}
      />
      <DeleteButton
        title={t("deleteTitle", { name: policy.name })}
        text={t("deleteText")}
        call={throttles.remove(scope, policy.id)}
        changed={[["bindings"]]}
        done={t("deleted")}
        then={() => navigate({ to: "/apis/throttles" })}
      />
    </PageHead>
  );
}

function Facts({ policy }: { policy: Throttle }) {
  const { t } = useTranslation("policies");
  const window = useWindow();
  const limit = (count: number) => count || t("none", { ns: "common" });
  return (
    <Card size="small">
      <Descriptions
        size="small"
        column={{ xs: 1, md: 2 }}
        items={[
          { key: "api", label: t("apiLimit"), children: `${policy.api_call_limits} ${window(policy)}` },
          { key: "type", label: t("counted"), children: t(policy.type === 2 ? "together" : "eachApi") },
          { key: "user", label: t("userLimit"), children: limit(policy.user_call_limits) },
          { key: "app", label: t("appLimit"), children: limit(policy.app_call_limits) },
          { key: "ip", label: t("ipLimit"), children: limit(policy.ip_call_limits) },
          { key: "remark", label: t("description", { ns: "common" }), children: policy.remark },
        ]}
      />
    </Card>
  );
}

function Specials({ policy }: { policy: Throttle }) {
  const { t } = useTranslation("policies");
  const scope = useScope();
  const key = ["throttles", policy.id, "specials"];
  const list = useItems(key, throttles.specials(scope, policy.id), "throttle_specials");
  return (
    <Card size="small" title={t("special")}>
      <Listing<Special>
        list={list}
        id={(one) => one.id}
        empty={t("noSpecials")}
        columns={[
          { title: t("who"), key: "who", render: (_, one) => one.object_name || one.object_id },
          { title: t("kind"), key: "kind", render: (_, one) => t(one.object_type === "APP" ? "app" : "user") },
          { title: t("calls"), dataIndex: "call_limits" },
          {
            key: "actions",
            align: "end",
            render: (_, one) => (
              <Flex justify="end">
                <FormButton<Wanted, unknown>
                  small
                  label={t("edit", { ns: "common" })}
                  icon={<EditOutlined />}
                  initial={{ calls: one.call_limits }}
                  fields={<Calls most={policy.api_call_limits} />}
                  request={({ calls = 0 }) => throttles.setSpecial(scope, policy.id, one.id, calls)}
                  changed={[key]}
                  done={t("specialSet")}
                />
                <DeleteButton
                  title={t("deleteSpecialTitle", { name: one.object_name })}
                  call={throttles.removeSpecial(scope, policy.id, one.id)}
                  changed={[key]}
                  done={t("specialDeleted")}
                />
              </Flex>
            ),
          },
        ]}
      >
        <FormButton<Wanted, unknown>
          label={t("addSpecial")}
          icon={<PlusOutlined />}
          initial={{ kind: "APP" }}
          fields={<SpecialFields most={policy.api_call_limits} />}
          request={({ kind, object, calls }) =>
            throttles.addSpecial(scope, policy.id, { object_type: kind, object_id: object, call_limits: calls })
          }
          changed={[key]}
          done={t("specialSet")}
        />
      </Listing>
      <Typography.Text type="secondary">{t("specialHint")}</Typography.Text>
    </Card>
  );
}

interface Wanted {
  kind?: "APP" | "USER";
  object?: string;
  calls?: number;
}

function SpecialFields({ most }: { most: number }) {
  const { t } = useTranslation("policies");
  const form = Form.useFormInstance();
  const { session } = useChosen();
  const scope = useScope();
  const all = useItems(["apps"], apps.list(scope), "apps");
  const user = Form.useWatch("kind") === "USER";
  const options = user
    ? [
        ...session.projects
          .filter(({ id }) => id === scope.project_id)
          .map(({ id, name }) => ({ value: id, label: t("userOfApps", { name }) })),
        { value: session.domain.id, label: t("userOfIam", { name: session.domain.name }) },
      ]
    : (all.data ?? []).map(({ id, name }) => ({ value: id, label: name }));
  return (
    <>
      <Form.Item name="kind" label={t("kind")}>
        <Radio.Group
          onChange={() => form.resetFields(["object"])}
          options={[
            { value: "APP", label: t("app") },
            { value: "USER", label: t("user") },
          ]}
        />
      </Form.Item>
      <Form.Item name="object" label={t("who")} rules={[{ required: true }]}>
        <Select showSearch optionFilterProp="label" options={options} loading={all.isFetching} />
      </Form.Item>
      <Calls most={most} />
    </>
  );
}

function Calls({ most }: { most: number }) {
  const { t } = useTranslation("policies");
  const fits = (value: number | string) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= most;
  return (
    <Form.Item name="calls" label={t("calls")} required rules={[must<number | string>(fits, `1 – ${most}`)]}>
      <InputNumber style={{ width: "100%" }} />
    </Form.Item>
  );
}
