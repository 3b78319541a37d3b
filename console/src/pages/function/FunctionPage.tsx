import { DeleteOutlined, PauseCircleOutlined, PlayCircleOutlined } from "@ant-design/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { App, Breadcrumb, Button, Flex, Result, Skeleton, Spin, Tabs, Tag, Typography } from "antd";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../../api/client";
import { type FunctionConfig, functionConfig, setMaxInstances } from "../../api/function";
import { deleteFunction } from "../../api/functions";
import { ErrorNote } from "../../shared/ErrorNote";
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
/** The vendor's default where a function that was disabled is enabled again. */
const INSTANCES = 400;

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
  const queries = useQueryClient();
  const { modal, message } = App.useApp();
  const change = useMutation({
    mutationFn: () => setMaxInstances({ project, urn }, disabled ? INSTANCES : 0),
    onError: (error) => message.error(error.message),
    onSettled: () =>
      Promise.all([["function"], ["functions"]].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
  const name = config.func_name;
  const ask = () =>
    modal.confirm({
      title: t("disableTitle", { name }),
      content: t("disableText"),
      okText: t("disable"),
      onOk: () => change.mutateAsync(),
    });
  return (
    <Button
      icon={disabled ? <PlayCircleOutlined /> : <PauseCircleOutlined />}
      loading={change.isPending}
      onClick={disabled ? () => change.mutate() : ask}
    >
      {t(disabled ? "enable" : "disable")}
    </Button>
  );
}

function Delete({ config }: { config: FunctionConfig }) {
  const { t } = useTranslation("fn");
  const { project } = usePlace();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { modal, message } = App.useApp();
  const name = config.func_name;
  const remove = async () => {
    try {
      await deleteFunction(project, config.func_urn);
    } catch (error) {
      message.error(error instanceof Error ? error.message : String(error));
      return;
    }
    message.success(t("deleted", { name }));
    await navigate({ to: "/functions" });
    await queries.invalidateQueries({ queryKey: ["functions"] });
  };
  const ask = () =>
    modal.confirm({
      title: t("deleteTitle", { name }),
      content: t("deleteText"),
      okText: t("delete"),
      okButtonProps: { danger: true },
      onOk: remove,
    });
  return (
    <Button danger icon={<DeleteOutlined />} onClick={ask}>
      {t("delete")}
    </Button>
  );
}
