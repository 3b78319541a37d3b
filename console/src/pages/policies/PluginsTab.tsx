import { EditOutlined, PlusOutlined } from "@ant-design/icons";
import { Link } from "@tanstack/react-router";
import { Flex, Grid, type TableColumnsType, Tag } from "antd";
import { useTranslation } from "react-i18next";
import { type Plugin, plugins } from "../../api/policies";
import { documentOf, fieldsOf, type PluginType } from "../../rules/plugin";
import { FormButton } from "../../shared/FormButton";
import { moment } from "../../shared/format";
import { Listing } from "../../shared/Listing";
import { DeleteButton } from "../../shared/SendButton";
import { useItems, useScope } from "../gateway/scope";
import { contentOf, newPlugin, PluginFields, type PluginGiven } from "./PluginFields";

const body = (given: PluginGiven) => ({
  plugin_name: given.name ?? "",
  plugin_type: given.type,
  plugin_scope: "global",
  plugin_content: contentOf(given),
  remark: given.remark ?? "",
});

/** Plug-ins: documents that change what the gateway does with calls. */
export default function PluginsTab() {
  const { t } = useTranslation("policies");
  const scope = useScope();
  const list = useItems(["plugins"], plugins.list(scope), "plugins");
  const columns = useColumns();
  return (
    <Listing<Plugin> list={list} id={(one) => one.plugin_id} columns={columns} words={words} empty={t("pluginEmpty")}>
      <FormButton<PluginGiven, unknown>
        label={t("createPlugin")}
        icon={<PlusOutlined />}
        button={{ type: "primary" }}
        width={680}
        initial={newPlugin}
        fields={<PluginFields />}
        request={(given) => plugins.create(scope, body(given))}
        changed={[["plugins"]]}
        done={t("saved")}
      />
    </Listing>
  );
}

const words = (one: Plugin) => `${one.plugin_name} ${one.plugin_type} ${one.remark}`;

/** Changes a plug-in. */
export function EditPlugin({ plugin, small = false }: { plugin: Plugin; small?: boolean }) {
  const { t } = useTranslation("policies");
  const scope = useScope();
  const type = plugin.plugin_type as PluginType;
  const document = documentOf(plugin.plugin_content) ?? {};
  return (
    <FormButton<PluginGiven, unknown>
      small={small}
      label={t("edit", { ns: "common" })}
      icon={<EditOutlined />}
      width={680}
      initial={{
        name: plugin.plugin_name,
        remark: plugin.remark,
        type,
        mode: "form",
        json: plugin.plugin_content,
        ...fieldsOf(type, document),
      }}
      fields={<PluginFields fixed />}
      request={(given) => plugins.update(scope, plugin.plugin_id, body(given))}
      changed={[["plugins"]]}
      done={t("saved")}
    />
  );
}

function useColumns(): TableColumnsType<Plugin> {
  const { t, i18n } = useTranslation("policies");
  const scope = useScope();
  const wide = Grid.useBreakpoint().md ?? true;
  const start: TableColumnsType<Plugin> = [
    {
      title: t("name"),
      key: "name",
      sorter: (a, b) => a.plugin_name.localeCompare(b.plugin_name),
      render: (_, one) => (
        <Link to="/apis/plugins/$policy" params={{ policy: one.plugin_id }}>
          <strong>{one.plugin_name}</strong>
        </Link>
      ),
    },
    { title: t("type"), key: "type", render: (_, one) => <Tag>{t(one.plugin_type as PluginType)}</Tag> },
  ];
  const more: TableColumnsType<Plugin> = [
    { title: t("description", { ns: "common" }), dataIndex: "remark" },
    { title: t("updated", { ns: "apis" }), key: "time", render: (_, one) => moment(one.update_time, i18n.language) },
  ];
  const actions: TableColumnsType<Plugin> = [
    {
      key: "actions",
      align: "end",
      render: (_, one) => (
        <Flex justify="end">
          <EditPlugin plugin={one} small />
          <DeleteButton
            title={t("deleteTitle", { name: one.plugin_name })}
            text={t("deleteText")}
            call={plugins.remove(scope, one.plugin_id)}
            changed={[["plugins"], ["bindings"]]}
            done={t("deleted")}
          />
        </Flex>
      ),
    },
  ];
  return [...start, ...(wide ? more : []), ...actions];
}
