import { DeleteOutlined, PauseCircleOutlined, PlayCircleOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { Breadcrumb, Flex, Result, Skeleton, Spin, Tabs, Tag, Typography } from "antd";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../../api/client";
import { enableFunction, type FunctionConfig, functionConfig } from "../../api/function";
import { deleteFunction } from "../../api/functions";
import { ErrorNote } from "../../shared/ErrorNote";
import { SendButton } from "../../shared/SendButton";
import { shell } from "../../shared/shell";
import { Configuration } from "./Configuration";
import { Overview } from "./Overview";
import { usePlace } from "./place";
import { Test } from "./Test";
import { Triggers } from "./Triggers";

/** The editor is the heaviest part of the console: it comes when somebody looks at code. */
const Code = lazy(() => import("./Code"));
const VersionsTab = lazy(() => import("../versions/VersionsTab"));
const ReservedTab = lazy(() => import("../extras/ReservedTab"));
const DependenciesTab = lazy(() => import("../extras/DependenciesTab"));
const TagsTab = lazy(() => import("../extras/TagsTab"));
const InstancesTab = lazy(() => import("../instances/InstancesTab"));

const Monitor = lazy(() => import("./Monitor"));
const Requests = lazy(() => import("./Requests"));
const Logs = lazy(() => import("./Logs"));

const TABS = [
  "overview",
  "code",
  "test",
  "triggers",
  "versions",
  "instances",
  "monitor",
  "requests",
  "logs",
  "configuration",
  "reserved",
  "dependencies",
  "tags",
] as const;

export function FunctionPage() {
  const { t } = useTranslation("fn");
  const place = usePlace();
  const config = useQuery(functionConfig({ project: place.project, urn: place.urn }));
  if (config.isPending) return <Skeleton active />;
  if (config.isError) {
    const gone = config.error instanceof ApiError && config.error.status === 404;
    if (!gone) return <ErrorNote error={config.error} retry={config.refetch} />;
    return <Result status="404" title={t("missing", { name: place.name })} />;
  }
  return (
    <>
      <Head config={config.data} />
      <Body config={config.data} />
    </>
  );
}

function Head({ config }: { config: FunctionConfig }) {
  const { t } = useTranslation("functions");
  const disabled = config.strategy_config?.concurrency === 0;
  return (
    <Flex vertical gap={4} style={{ marginBottom: 4 }}>
      <Breadcrumb
        items={[{ title: <Link to="/functions">{t("functions", { ns: "shell" })}</Link> }, { title: config.func_name }]}
      />
      <Flex align="center" gap={12} wrap>
        <Typography.Title level={1} style={{ fontSize: 20, margin: 0 }} className="break">
          {config.func_name}
        </Typography.Title>
        {disabled ? (
          <Tag>{t("disabled")}</Tag>
        ) : (
          <Tag color="success" variant="solid">
            {t("active")}
          </Tag>
        )}
        <span className="grow" />
        <Switch config={config} disabled={disabled} />
        <Delete config={config} />
      </Flex>
      <Typography.Text
        type="secondary"
        className="mono break"
        style={{ fontSize: 12 }}
        copyable={{ text: config.func_urn }}
      >
        {config.func_urn}
      </Typography.Text>
    </Flex>
  );
}

function Body({ config }: { config: FunctionConfig }) {
  const { t } = useTranslation("tabs");
  const { app, name, tab } = useParams({ from: "/functions/$app/$name/$tab" });
  const navigate = useNavigate();
  const parts = {
    overview: <Overview config={config} />,
    code: <Code />,
    test: <Test />,
    triggers: <Triggers config={config} />,
    versions: tab === "versions" && <VersionsTab config={config} />,
    instances: tab === "instances" && <InstancesTab config={config} />,
    monitor: tab === "monitor" && <Monitor />,
    requests: tab === "requests" && (
      <Suspense fallback={<Spin />}>
        <Requests />
      </Suspense>
    ),
    logs: tab === "logs" && (
      <Suspense fallback={<Spin />}>
        <Logs />
      </Suspense>
    ),
    configuration: <Configuration key={config.image_name} config={config} />,
    reserved: tab === "reserved" && <ReservedTab config={config} />,
    dependencies: tab === "dependencies" && <DependenciesTab config={config} />,
    tags: tab === "tags" && <TagsTab />,
  };
  return (
    <Tabs
      activeKey={tab}
      // As many as there are fit a usual window.
      tabBarGutter={12}
      // A draft of code stays while somebody looks elsewhere; nobody follows a log unseen.
      destroyOnHidden={false}
      items={TABS.map((key) => ({
        key,
        label: t(key),
        children: <Suspense fallback={<Spin />}>{parts[key]}</Suspense>,
      }))}
      onChange={(key) => navigate({ to: "/functions/$app/$name/$tab", params: { app, name, tab: key } })}
    />
  );
}

function Switch({ config, disabled }: { config: FunctionConfig; disabled: boolean }) {
  const { t } = useTranslation("fn");
  const { project, urn } = usePlace();
  const name = config.func_name;
  const what = disabled ? "enable" : "disable";
  return (
    <SendButton
      icon={disabled ? <PlayCircleOutlined /> : <PauseCircleOutlined />}
      label={t(what)}
      okText={t(what)}
      title={t(`${what}Title`, { name })}
      text={t(`${what}Text`)}
      call={enableFunction({ project, urn }, disabled)}
      cli={`sudo funcd ${what} ${shell(urn)}`}
      changed={[["function"], ["functions"]]}
      done={t(`${what}d`, { name })}
    />
  );
}

function Delete({ config }: { config: FunctionConfig }) {
  const { t } = useTranslation("fn");
  const { project, urn } = usePlace();
  const navigate = useNavigate();
  const name = config.func_name;
  return (
    <SendButton
      danger
      icon={<DeleteOutlined />}
      label={t("delete")}
      title={t("deleteTitle", { name })}
      text={t("deleteText")}
      call={deleteFunction(project, config.func_urn)}
      cli={`sudo funcd delete ${shell(urn)} --yes`}
      changed={[["functions"]]}
      done={t("deleted", { name })}
      then={() => navigate({ to: "/functions" })}
    />
  );
}
