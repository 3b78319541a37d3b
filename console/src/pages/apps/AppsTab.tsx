import { PlusOutlined } from "@ant-design/icons";
import { Link } from "@tanstack/react-router";
import { Flex, Grid, type TableColumnsType } from "antd";
import { useTranslation } from "react-i18next";
import { type App, apps } from "../../api/gateway";
import { ELIDED } from "../../api/package";
import { FormButton } from "../../shared/FormButton";
import { moment } from "../../shared/format";
import { Listing } from "../../shared/Listing";
import { shell } from "../../shared/SameAs";
import { Secret } from "../../shared/Secret";
import { DeleteButton } from "../../shared/SendButton";
import { useItems, useScope } from "../gateway/scope";
import { AppFields, type Named, wanted } from "./AppFields";

/** Who may be let call APIs: every app of the project. */
export default function AppsTab() {
  const { t } = useTranslation("apps");
  const scope = useScope();
  const list = useItems(["apps"], apps.list(scope), "apps");
  const columns = useColumns();
  return (
    <Listing<App>
      list={list}
      id={(one) => one.id}
      columns={columns}
      words={words}
      empty={t("empty")}
      cli="sudo funcd app create NAME"
    >
      <FormButton<Named, unknown>
        label={t("create")}
        icon={<PlusOutlined />}
        button={{ type: "primary" }}
        fields={<AppFields keys />}
        request={(given) => apps.create(scope, wanted(given))}
        // A secret is not for the screen.
        shown={(given) => apps.create(scope, { ...wanted(given), ...(given.app_secret ? { app_secret: ELIDED } : {}) })}
        cli={command}
        changed={[["apps"]]}
        done={t("made")}
      />
    </Listing>
  );
}

function command({ name, remark, app_key, app_secret }: Named): string | undefined {
  const keys = app_key ? ` --key ${shell(app_key)}${app_secret ? " --secret-file secret.txt" : ""}` : "";
  const about = remark ? ` --description ${shell(remark)}` : "";
  return name && Boolean(app_key) === Boolean(app_secret)
    ? `sudo funcd app create ${shell(name)}${keys}${about}`
    : undefined;
}

const words = (one: App) => `${one.name} ${one.app_key} ${one.remark}`;

function useColumns(): TableColumnsType<App> {
  const { t, i18n } = useTranslation("apps");
  const scope = useScope();
  const wide = Grid.useBreakpoint().md ?? true;
  const name: TableColumnsType<App> = [
    {
      title: t("name"),
      key: "name",
      sorter: (a, b) => a.name.localeCompare(b.name),
      render: (_, one) => (
        <Link to="/apis/apps/$app" params={{ app: one.id }}>
          <strong>{one.name}</strong>
        </Link>
      ),
    },
    { title: t("apis"), key: "apis", render: (_, one) => t("apisCount", { count: one.bind_num }) },
  ];
  const rest: TableColumnsType<App> = [
    { title: t("key"), key: "key", render: (_, one) => <span className="mono">{one.app_key}</span> },
    { title: t("secret"), key: "secret", render: (_, one) => <Secret text={one.app_secret} /> },
    { title: t("description", { ns: "common" }), dataIndex: "remark" },
    {
      title: t("created", { ns: "common" }),
      key: "created",
      render: (_, one) => moment(one.register_time, i18n.language),
    },
  ];
  const actions: TableColumnsType<App> = [
    {
      key: "actions",
      align: "end",
      render: (_, one) => (
        <Flex justify="end">
          <DeleteButton
            title={t("deleteTitle", { name: one.name })}
            text={t("deleteText")}
            call={apps.remove(scope, one.id)}
            cli={`sudo funcd app delete ${shell(one.name)}`}
            changed={[["apps"], ["grants"]]}
            done={t("deleted")}
          />
        </Flex>
      ),
    },
  ];
  return [...name, ...(wide ? rest : []), ...actions];
}
