import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { Card, Flex, Skeleton, Tag, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { send } from "../../api/call";
import { type Plugin, plugins } from "../../api/policies";
import { documentOf, type PluginType } from "../../rules/plugin";
import { CopyLine } from "../../shared/CopyLine";
import { Failure, PageHead } from "../../shared/PageHead";
import { DeleteButton } from "../../shared/SendButton";
import { useScope } from "../gateway/scope";
import { Bindings } from "./Bindings";
import { EditPlugin } from "./PluginsTab";

/** One plug-in: its document, and where it is attached. */
export default function PluginPage() {
  const { t } = useTranslation("policies");
  const { policy: id } = useParams({ from: "/apis/plugins/$policy" });
  const scope = useScope();
  const navigate = useNavigate();
  const found = useQuery({ queryKey: ["plugins", id], queryFn: () => send(plugins.show(scope, id)) });
  if (found.isPending) return <Skeleton active />;
  if (found.isError) return <Failure error={found.error} retry={found.refetch} />;
  const plugin = found.data as Plugin;
  return (
    <Flex vertical gap={16}>
      <PageHead
        up={{ to: "/apis/plugins", label: t("plugins") }}
        title={plugin.plugin_name}
        tags={<Tag>{t(plugin.plugin_type as PluginType)}</Tag>}
      >
        <EditPlugin plugin={plugin} />
        <DeleteButton
          title={t("deleteTitle", { name: plugin.plugin_name })}
          text={t("deleteText")}
          call={plugins.remove(scope, plugin.plugin_id)}
          changed={[["bindings"]]}
          done={t("deleted")}
          then={() => navigate({ to: "/apis/plugins" })}
        />
      </PageHead>
      <Card size="small" title={t("content")}>
        {plugin.remark && <Typography.Paragraph>{plugin.remark}</Typography.Paragraph>}
        <CopyLine text={JSON.stringify(documentOf(plugin.plugin_content), null, 2) ?? plugin.plugin_content} />
      </Card>
      <Bindings kind="plugins" policy={{ id: plugin.plugin_id, name: plugin.plugin_name }} />
    </Flex>
  );
}
