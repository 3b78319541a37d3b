import { Link } from "@tanstack/react-router";
import { Empty, Flex, Grid, Table, type TableColumnsType, Tag } from "antd";
import { useTranslation } from "react-i18next";
import type { RequestRecord } from "../../api/stream";
import { whole } from "../../rules/timings";
import { nameOf } from "../../rules/urn";
import { CopyLine } from "../../shared/CopyLine";
import { WRONG } from "../../shared/colours";
import { bytes, micros, moment } from "../../shared/format";

interface Props {
  /** Newest first. */
  records: RequestRecord[];
  pending: boolean;
  withFunction: boolean;
}

type Columns = TableColumnsType<RequestRecord>;

/** Requests, each with a link to all that is known of it. */
export function RequestTable({ records, pending, withFunction }: Props) {
  const { t } = useTranslation("requests");
  return (
    <Table<RequestRecord>
      size="small"
      rowKey={(one) => `${one.started} ${one.request_id}`}
      columns={useColumns(withFunction)}
      dataSource={records}
      loading={pending}
      scroll={{ x: "max-content" }}
      pagination={{
        defaultPageSize: 20,
        showSizeChanger: true,
        showTotal: (count) => t("total", { count }),
      }}
      locale={{
        emptyText: (
          <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t("none")}>
            <Flex justify="center">
              <CopyLine text="sudo funcd list" />
            </Flex>
          </Empty>
        ),
      }}
    />
  );
}

function useColumns(withFunction: boolean): Columns {
  const { t, i18n } = useTranslation("requests");
  const wide = Grid.useBreakpoint().md ?? true;
  const status: Columns[number] = { title: t("status"), key: "status", render: (_, one) => <Status of={one} /> };
  const what: Columns[number] = {
    title: t("request"),
    key: "request",
    render: (_, one) => (
      <Link to="/requests/$app/$name/$id" params={{ ...nameOf(one.function), id: one.request_id }}>
        <span className="mono break" style={{ display: "inline-block", maxWidth: 480 }}>
          {one.method} {one.path}
        </span>
      </Link>
    ),
  };
  const time: Columns[number] = {
    title: t("time"),
    key: "time",
    align: "end",
    sorter: (a, b) => whole(a.timings) - whole(b.timings),
    render: (_, one) => micros(whole(one.timings)),
  };
  if (!wide) return [status, what, time];
  const started: Columns[number] = {
    title: t("started"),
    key: "started",
    render: (_, one) => moment(one.started, i18n.language),
  };
  const fn: Columns[number] = { title: t("function"), key: "fn", render: (_, one) => nameOf(one.function).name };
  const start: Columns[number] = {
    title: t("start"),
    key: "start",
    render: (_, one) => (one.timings.boot_us > 0 ? <Tag variant="outlined">{t("isCold")}</Tag> : t("isWarm")),
  };
  return [
    started,
    status,
    ...(withFunction ? [fn] : []),
    what,
    time,
    start,
    { title: t("version"), dataIndex: "version" },
    { title: t("memory"), key: "memory", align: "end", render: (_, one) => bytes(one.memory_bytes) },
    { title: t("error"), key: "error", render: (_, one) => <span className="mono">{one.error ?? ""}</span> },
  ];
}

export function Status({ of }: { of: RequestRecord }) {
  return (
    <Tag color={of.status < 400 ? "success" : WRONG} variant="solid">
      {of.status}
    </Tag>
  );
}
