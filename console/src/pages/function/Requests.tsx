import { useQuery } from "@tanstack/react-query";
import { Alert, Descriptions, Empty, Flex, Grid, Switch, Table, type TableColumnsType, Tag, Typography } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type RequestRecord, requestList } from "../../api/watch";
import { ErrorNote } from "../../shared/ErrorNote";
import { bytes, micros, moment } from "../../shared/format";
import { usePlace } from "./place";
import { Waterfall } from "./Waterfall";

const SHOWN = 200;
const AGAIN = 2_000;

/** The newest requests, each with where its time went. Asked again while somebody looks. */
export function Requests() {
  const { t } = useTranslation("fn");
  const { project, urn } = usePlace();
  const [live, setLive] = useState(true);
  const requests = useQuery({ ...requestList({ project, urn }, SHOWN), refetchInterval: live && AGAIN });
  const columns = useColumns();
  return (
    <Flex vertical gap={12}>
      <Flex align="center" gap={8} wrap>
        <Switch checked={live} onChange={setLive} aria-label={t("requests.live")} />
        {t("requests.live")}
        <Typography.Text type="secondary">{t("requests.shown", { count: SHOWN })}</Typography.Text>
      </Flex>
      {requests.isError && <ErrorNote error={requests.error} retry={requests.refetch} />}
      <Table<RequestRecord>
        size="small"
        rowKey="request_id"
        columns={columns}
        dataSource={requests.data ?? []}
        loading={requests.isPending}
        scroll={{ x: "max-content" }}
        pagination={{ defaultPageSize: 20, hideOnSinglePage: true }}
        expandable={{ expandedRowRender: (one) => <Details record={one} />, expandRowByClick: true }}
        locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t("requests.none")} /> }}
      />
    </Flex>
  );
}

function useColumns(): TableColumnsType<RequestRecord> {
  const { t, i18n } = useTranslation("fn");
  const wide = Grid.useBreakpoint().md ?? true;
  const status: TableColumnsType<RequestRecord>[number] = {
    title: t("requests.status"),
    key: "status",
    filters: [
      { text: t("requests.fine"), value: "fine" },
      { text: t("requests.failed"), value: "failed" },
    ],
    onFilter: (value, one) => one.status < 400 === (value === "fine"),
    render: (_, one) => (
      <Tag color={one.status < 400 ? "success" : "error"} variant="solid">
        {one.status}
      </Tag>
    ),
  };
  const what: TableColumnsType<RequestRecord>[number] = {
    title: t("requests.request"),
    key: "request",
    render: (_, one) => (
      <span className="mono break">
        {one.method} {one.path}
      </span>
    ),
  };
  const time: TableColumnsType<RequestRecord>[number] = {
    title: t("requests.time"),
    key: "time",
    sorter: (a, b) => a.timings.total_us - b.timings.total_us,
    render: (_, one) => micros(one.timings.total_us),
  };
  if (!wide) return [status, what, time];
  return [
    { title: t("requests.started"), key: "started", render: (_, one) => moment(one.started, i18n.language) },
    status,
    what,
    time,
    {
      title: t("requests.start"),
      key: "start",
      render: (_, one) => (one.timings.boot_us > 0 ? <Tag color="processing">{t("test.cold")}</Tag> : t("test.warm")),
    },
    { title: t("requests.version"), dataIndex: "version" },
    { title: t("requests.memory"), key: "memory", render: (_, one) => bytes(one.memory_bytes) },
  ];
}

function Details({ record }: { record: RequestRecord }) {
  const { t } = useTranslation("fn");
  return (
    <Flex vertical gap={12} style={{ maxWidth: 720 }}>
      {record.error && <Alert type="error" showIcon title={record.error} />}
      <Waterfall timings={record.timings} />
      <Descriptions
        size="small"
        column={{ xs: 1, md: 2 }}
        items={[
          {
            key: "id",
            label: t("requestId", { ns: "common" }),
            span: "filled",
            children: (
              <Typography.Text className="mono break" copyable>
                {record.request_id}
              </Typography.Text>
            ),
          },
          { key: "instance", label: t("requests.instance"), children: record.instance ?? "" },
          { key: "source", label: t("requests.source"), children: record.source },
          { key: "in", label: t("requests.in"), children: bytes(record.request_bytes) },
          { key: "out", label: t("requests.out"), children: bytes(record.response_bytes) },
        ]}
      />
    </Flex>
  );
}
