import { ApiOutlined, ArrowRightOutlined, FunctionOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Card, Descriptions, Flex, Grid, Typography, theme } from "antd";
import { useTranslation } from "react-i18next";
import { type FunctionConfig, functionTriggers } from "../../api/function";
import { ErrorNote } from "../../shared/ErrorNote";
import { bytes, moment } from "../../shared/format";
import { LinkButton } from "../../shared/LinkButton";
import { usePlace } from "./place";

/** What calls the function, where its answers go, and what it is set to. */
export function Overview({ config }: { config: FunctionConfig }) {
  return (
    <Flex vertical gap={16}>
      <Diagram config={config} />
      <Facts config={config} />
    </Flex>
  );
}

function Diagram({ config }: { config: FunctionConfig }) {
  const { t } = useTranslation("fn");
  const { token } = theme.useToken();
  const { project, urn, app, name } = usePlace();
  const triggers = useQuery(functionTriggers({ project, urn }));
  const wide = Grid.useBreakpoint().md ?? true;
  const found = triggers.data ?? [];
  const create = (
    <LinkButton
      type={found.length === 0 ? "primary" : "default"}
      to="/functions/$app/$name/$tab"
      params={{ app, name, tab: "triggers" }}
    >
      {t("overview.addTrigger")}
    </LinkButton>
  );
  return (
    <Card size="small">
      {triggers.isError && <ErrorNote error={triggers.error} retry={triggers.refetch} />}
      <Flex vertical={!wide} align="center" justify="center" gap={16} style={{ padding: 12 }}>
        <Flex vertical gap={8} style={{ minWidth: 0, maxWidth: "100%" }} align={wide ? "end" : "center"}>
          {found.map((trigger) => (
            <Card key={trigger.trigger_id} size="small" style={{ maxWidth: "100%" }}>
              <Flex align="center" gap={8}>
                <ApiOutlined style={{ color: token.colorPrimary, fontSize: 18 }} />
                <Flex vertical style={{ minWidth: 0 }}>
                  <Typography.Text strong>{trigger.event_data?.name}</Typography.Text>
                  <Typography.Link
                    className="break"
                    href={trigger.event_data?.invoke_url}
                    target="_blank"
                    rel="noopener noreferrer"
                  >
                    {trigger.event_data?.invoke_url}
                  </Typography.Link>
                </Flex>
              </Flex>
            </Card>
          ))}
          {triggers.isSuccess && found.length === 0 && (
            <Typography.Text type="secondary">{t("overview.noTriggers")}</Typography.Text>
          )}
          {create}
        </Flex>
        <ArrowRightOutlined rotate={wide ? 0 : 90} style={{ color: token.colorTextTertiary, fontSize: 20 }} />
        <Card size="small" style={{ borderColor: token.colorPrimary }}>
          <Flex align="center" gap={8}>
            <FunctionOutlined style={{ color: token.colorPrimary, fontSize: 22 }} />
            <Typography.Text strong className="break">
              {config.func_name}
            </Typography.Text>
          </Flex>
        </Card>
        <ArrowRightOutlined rotate={wide ? 0 : 90} style={{ color: token.colorTextTertiary, fontSize: 20 }} />
        <Card size="small" style={{ maxWidth: wide ? 260 : "100%", borderStyle: "dashed" }} data-testid="destinations">
          <Flex vertical>
            <Typography.Text strong>{t("overview.destinations")}</Typography.Text>
            <Typography.Text type="secondary">{t("overview.noDestinations")}</Typography.Text>
          </Flex>
        </Card>
      </Flex>
    </Card>
  );
}

function Facts({ config }: { config: FunctionConfig }) {
  const { t, i18n } = useTranslation("fn");
  const instances = config.strategy_config?.concurrency;
  return (
    <Card size="small" title={t("overview.facts")}>
      <Descriptions
        size="small"
        column={{ xs: 1, md: 2 }}
        items={[
          { key: "memory", label: t("overview.memory"), children: `${config.memory_size} MB` },
          { key: "timeout", label: t("overview.timeout"), children: t("overview.seconds", { count: config.timeout }) },
          { key: "concurrency", label: t("overview.concurrency"), children: config.strategy_config?.concurrent_num },
          {
            key: "instances",
            label: t("overview.instances"),
            children: instances === -1 ? t("overview.unlimited") : instances,
          },
          {
            key: "code",
            label: t("overview.code"),
            children: `${config.code_filename} · ${bytes(config.code_size ?? 0)}`,
          },
          { key: "modified", label: t("overview.modified"), children: moment(config.last_modified, i18n.language) },
          {
            key: "digest",
            label: t("overview.digest"),
            span: "filled",
            children: (
              <Typography.Text className="mono break" copyable={{ text: config.digest }}>
                {config.digest?.slice(0, 32)}…
              </Typography.Text>
            ),
          },
        ]}
      />
    </Card>
  );
}
