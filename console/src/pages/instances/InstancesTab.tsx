import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Card, Empty, Flex, Grid, Switch, Table, type TableColumnsType, Tag, Typography } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { FunctionConfig, Place } from "../../api/function";
import { type EndedInstance, type Instance, instanceList } from "../../api/instances";
import { openRequests, type RequestRecord, type Skipped } from "../../api/stream";
import { ErrorNote } from "../../shared/ErrorNote";
import { bytes, duration, micros, moment } from "../../shared/format";
import { SameAs } from "../../shared/SameAs";
import { useStream } from "../../shared/useStream";
import { usePlace } from "../function/place";

/** Asked again this often, for what no request tells: ages, ends, memory. Nobody asks while the window is hidden. */
const AGAIN = 5_000;
/** So long after a request, as several may come at once. */
const SETTLED = 300;
/** As many as funcd keeps of a function. */
const KEPT = 20;

/** What serves the function now, and what lately did. */
export default function InstancesTab({ config }: { config: FunctionConfig }) {
  const { t } = useTranslation("instances");
  const { project, urn } = usePlace();
  const [live, setLive] = useState(true);
  const found = useQuery({ ...instanceList({ project, urn }), refetchInterval: live && AGAIN });
  useRequests({ project, urn }, live, found.refetch);
  const running = useRunning(config);
  const ended = useEnded();
  const table = { size: "small", rowKey: "id", loading: found.isPending, scroll: { x: "max-content" } } as const;
  return (
    <Flex vertical gap={16}>
      {found.isError && <ErrorNote error={found.error} retry={found.refetch} />}
      <Card
        size="small"
        title={t("there")}
        extra={
          <Flex gap={8} align="center">
            <Switch size="small" checked={live} onChange={setLive} aria-label={t("live")} />
            {t("live")}
          </Flex>
        }
      >
        <Table<Instance>
          {...table}
          columns={running}
          dataSource={found.data?.instances ?? []}
          pagination={{ defaultPageSize: 20, hideOnSinglePage: true }}
          locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t("none")} /> }}
        />
      </Card>
      <Card size="small" title={t("ended")}>
        <Typography.Paragraph type="secondary">{t("endedHint", { count: KEPT })}</Typography.Paragraph>
        <Table<EndedInstance>
          {...table}
          columns={ended}
          dataSource={found.data?.ended ?? []}
          pagination={false}
          locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t("endedNone")} /> }}
        />
      </Card>
      <SameAs rest={{ method: "GET", path: `/v2/${project}/funcd/functions/${urn}/instances` }} />
    </Flex>
  );
}

/** Asks again when a request has ended, which may have started an instance or left one idle. */
function useRequests(place: Place, live: boolean, again: UseQueryResult["refetch"]) {
  const { project, urn } = place;
  const ended = useStream<RequestRecord | Skipped>(
    {
      open: () => openRequests(project, { function: urn, limit: 1, follow: "true" }),
      since: () => undefined,
      key: (one) => ("request_id" in one ? one.request_id : ""),
      at: (one) => ("request_id" in one ? one.started : ""),
      limit: 1,
      kept: 1,
    },
    JSON.stringify(place),
  );
  const last = ended.entries.at(-1);
  useEffect(() => {
    if (!last || !live) return;
    const timer = setTimeout(() => again({ cancelRefetch: false }), SETTLED);
    return () => clearTimeout(timer);
  }, [last, live, again]);
}

/** The columns of both tables that say which instance it is. */
function useWhich<T extends Instance | EndedInstance>(): TableColumnsType<T> {
  const { t } = useTranslation("instances");
  const { app, name } = usePlace();
  return [
    {
      title: t("id"),
      key: "id",
      render: (_, one) => (
        <Link
          to="/functions/$app/$name/$tab"
          params={{ app, name, tab: "logs" }}
          search={{ instance: one.id }}
          className="mono"
          title={t("logs")}
        >
          {one.id}
        </Link>
      ),
    },
    { title: t("version"), key: "version", render: (_, one) => `${one.version} · r${one.revision}` },
  ];
}

function useStart<T extends Instance | EndedInstance>(): TableColumnsType<T> {
  const { t } = useTranslation("instances");
  return [
    {
      title: t("memory"),
      key: "memory",
      render: (_, { memory_bytes }) => (memory_bytes === undefined ? "–" : bytes(memory_bytes)),
    },
    {
      title: t("why"),
      key: "why",
      render: (_, one) => (
        <Flex vertical>
          {t(`causes.${one.cause}`)}
          {one.boot_us !== undefined && (
            <Typography.Text type="secondary">
              {t("startOf", { sandbox: micros(one.sandbox_us ?? 0), boot: micros(one.boot_us) })}
            </Typography.Text>
          )}
        </Flex>
      ),
    },
  ];
}

function useRunning(config: FunctionConfig): TableColumnsType<Instance> {
  const { t } = useTranslation("instances");
  const wide = Grid.useBreakpoint().md ?? true;
  const which = useWhich<Instance>();
  const start = useStart<Instance>();
  const most = config.strategy_config?.concurrent_num ?? 1;
  const state: TableColumnsType<Instance> = [
    {
      title: t("state"),
      key: "state",
      render: (_, one) => (
        <>
          <State state={one.state} />
          {one.reserved && <Tag>{t("reserved")}</Tag>}
        </>
      ),
    },
  ];
  const age: TableColumnsType<Instance> = [
    { title: t("age"), key: "age", render: (_, one) => duration(Date.now() - Date.parse(one.started)) },
  ];
  if (!wide) return [...which.slice(0, 1), ...state, ...age];
  return [
    ...which,
    ...state,
    // Other versions may have other limits.
    {
      title: t("inFlight"),
      key: "inFlight",
      render: (_, one) =>
        one.version === "latest" ? t("inFlightOf", { count: one.in_flight, most }) : String(one.in_flight),
    },
    ...start.slice(0, 1),
    ...age,
    ...start.slice(1),
  ];
}

function State({ state }: { state: Instance["state"] }) {
  const { t } = useTranslation("instances");
  const text = t(`states.${state}`);
  if (state !== "busy") return <Tag>{text}</Tag>;
  return (
    <Tag color="success" variant="solid">
      {text}
    </Tag>
  );
}

/** What its owner should look at, other than what comes with time. */
const TROUBLE = new Set(["start_failed", "timed_out", "unreachable", "exited", "out_of_memory"]);

function useEnded(): TableColumnsType<EndedInstance> {
  const { t, i18n } = useTranslation("instances");
  const wide = Grid.useBreakpoint().md ?? true;
  const which = useWhich<EndedInstance>();
  const start = useStart<EndedInstance>();
  const reason: TableColumnsType<EndedInstance> = [
    {
      title: t("reason"),
      key: "reason",
      render: (_, one) => (
        <Flex vertical style={{ maxWidth: 360 }}>
          <Typography.Text type={TROUBLE.has(one.reason) ? "danger" : undefined}>
            {t(`reasons.${one.reason}`)}
          </Typography.Text>
          {TROUBLE.has(one.reason) && (
            <Typography.Text type="secondary" className="break">
              {one.detail}
            </Typography.Text>
          )}
        </Flex>
      ),
    },
  ];
  if (!wide) return [...which.slice(0, 1), ...reason];
  return [
    { title: t("at"), key: "at", render: (_, one) => moment(one.ended, i18n.language) },
    ...which,
    ...reason,
    { title: t("lived"), key: "lived", render: (_, one) => duration(Date.parse(one.ended) - Date.parse(one.started)) },
    ...start,
  ];
}
