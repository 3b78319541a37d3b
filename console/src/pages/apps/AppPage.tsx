import { EditOutlined, KeyOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { Card, Descriptions, Flex, Skeleton, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { send } from "../../api/call";
import { type App, apps } from "../../api/gateway";
import { FormButton } from "../../shared/FormButton";
import { moment } from "../../shared/format";
import { Failure, PageHead } from "../../shared/PageHead";
import { shell } from "../../shared/SameAs";
import { Secret } from "../../shared/Secret";
import { DeleteButton, SendButton } from "../../shared/SendButton";
import { useScope } from "../gateway/scope";
import { Addresses } from "./Addresses";
import { AppFields, type Named, wanted } from "./AppFields";
import { Codes } from "./Codes";
import { GrantsOfApp } from "./Grants";

/** One app: its key and secret, its codes, what it may call and from where. */
export default function AppPage() {
  const { app: id } = useParams({ from: "/apis/apps/$app" });
  const scope = useScope();
  const app = useQuery({ queryKey: ["apps", scope.project_id, id], queryFn: () => send(apps.show(scope, id)) });
  if (app.isPending) return <Skeleton active />;
  if (app.isError) return <Failure error={app.error} retry={app.refetch} />;
  const found = app.data as App;
  return (
    <Flex vertical gap={16}>
      <Head app={found} />
      <Facts app={found} />
      <GrantsOfApp app={found} />
      <Codes app={found} />
      <Addresses app={found} />
    </Flex>
  );
}

function Head({ app }: { app: App }) {
  const { t } = useTranslation("apps");
  const scope = useScope();
  const navigate = useNavigate();
  return (
    <PageHead up={{ to: "/apis/apps", label: t("apps") }} title={app.name}>
      <FormButton<Named, unknown>
        label={t("edit", { ns: "common" })}
        title={t("edit")}
        icon={<EditOutlined />}
        initial={{ name: app.name, remark: app.remark }}
        fields={<AppFields />}
        request={(given) => apps.update(scope, app.id, wanted(given))}
        changed={[["apps"]]}
        done={t("saved")}
      />
      <SendButton
        label={t("reset")}
        icon={<KeyOutlined />}
        title={t("resetTitle", { name: app.name })}
        text={t("resetText")}
        call={apps.resetSecret(scope, app.id)}
        changed={[["apps"]]}
        done={t("resetDone")}
      />
      <DeleteButton
        title={t("deleteTitle", { name: app.name })}
        text={t("deleteText")}
        call={apps.remove(scope, app.id)}
        cli={`sudo funcd app delete ${shell(app.name)}`}
        changed={[["grants"]]}
        done={t("deleted")}
        then={() => navigate({ to: "/apis/apps" })}
      />
    </PageHead>
  );
}

function Facts({ app }: { app: App }) {
  const { t, i18n } = useTranslation("apps");
  return (
    <Card size="small">
      <Descriptions
        size="small"
        column={{ xs: 1, md: 2 }}
        items={[
          {
            key: "key",
            label: t("key"),
            children: (
              <Typography.Text className="mono break" copyable={{ text: app.app_key }}>
                {app.app_key}
              </Typography.Text>
            ),
          },
          { key: "secret", label: t("secret"), children: <Secret text={app.app_secret} /> },
          {
            key: "created",
            label: t("created", { ns: "common" }),
            children: moment(app.register_time, i18n.language),
          },
          { key: "remark", label: t("description", { ns: "common" }), children: app.remark },
        ]}
      />
      <Typography.Text type="secondary">{t("sign")}</Typography.Text>
    </Card>
  );
}
