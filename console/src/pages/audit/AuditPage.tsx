import { SafetyCertificateOutlined } from "@ant-design/icons";
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import {
  Alert,
  Button,
  Descriptions,
  Empty,
  Flex,
  Grid,
  Input,
  Select,
  Table,
  type TableColumnsType,
  Tag,
  Typography,
} from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { send } from "../../api/call";
import { type Trace, traces } from "../../api/iam";
import { CopyLine } from "../../shared/CopyLine";
import { ErrorNote } from "../../shared/ErrorNote";
import { moment } from "../../shared/format";
import { SameAs } from "../../shared/SameAs";
import { shell } from "../../shared/shell";
import { useProject } from "../../shell/project";

const PAGE = 50;

interface Filter {
  trace_name?: string;
  user?: string;
  resource_name?: string;
  trace_rating?: string;
  service_type?: string;
}

/** Everything that was done, and what was refused: newest first, page by page. */
export default function AuditPage() {
  const { t } = useTranslation("audit");
  const project = useProject();
  const [filter, setFilter] = useState<Filter>({});
  // Where each page so far begins; the last is shown.
  const [pages, setPages] = useState<(string | undefined)[]>([undefined]);
  const call = traces.list(project, { limit: PAGE, next: pages.at(-1), ...filter });
  const found = useQuery({
    queryKey: ["audit", call.path],
    queryFn: () => send(call),
    placeholderData: keepPreviousData,
  });
  const change = (more: Filter) => {
    setFilter({ ...filter, ...more });
    setPages([undefined]);
  };
  const next = found.data?.meta_data?.marker;
  const words = [
    ["--event", filter.trace_name],
    ["--user", filter.user],
    ["--resource", filter.resource_name],
  ].flatMap(([option, value]) => (value ? [`${option} ${shell(value)}`] : []));
  const refused = filter.trace_rating === "warning" ? ["--refused"] : [];
  return (
    <Flex vertical gap={12}>
      <Typography.Title level={1} style={{ fontSize: 20, margin: 0 }}>
        {t("title")}
      </Typography.Title>
      <Chain />
      <Filters change={change} />
      {found.isError ? (
        <ErrorNote error={found.error} retry={found.refetch} />
      ) : (
        <Events found={found.data?.traces as Trace[]} loading={found.isPending} />
      )}
      <Flex gap={8} justify="end">
        <Button disabled={pages.length === 1} onClick={() => setPages([undefined])}>
          {t("newest")}
        </Button>
        <Button disabled={!next} onClick={() => setPages([...pages, next])}>
          {t("older")}
        </Button>
      </Flex>
      <SameAs
        cli={`${["sudo funcd audit", ...words, ...refused].join(" ")}\nsudo funcd audit --verify`}
        rest={[call, traces.chain(project)]}
      />
    </Flex>
  );
}

function Filters({ change }: { change: (more: Filter) => void }) {
  const { t } = useTranslation("audit");
  const word = (name: "trace_name" | "user" | "resource_name", label: string) => (
    <Input.Search
      allowClear
      aria-label={label}
      placeholder={label}
      style={{ width: 190 }}
      onSearch={(text) => change({ [name]: text.trim() || undefined })}
    />
  );
  return (
    <Flex gap={8} wrap>
      {word("trace_name", t("eventName"))}
      {word("user", t("userName"))}
      {word("resource_name", t("resourceName"))}
      <Select
        aria-label={t("result")}
        style={{ width: 130 }}
        defaultValue=""
        onChange={(value) => change({ trace_rating: value || undefined } as Filter)}
        options={[
          { value: "", label: t("all") },
          { value: "normal", label: t("normal") },
          { value: "warning", label: t("warning") },
        ]}
      />
      <Select
        aria-label={t("service")}
        style={{ width: 150 }}
        defaultValue=""
        onChange={(value) => change({ service_type: value || undefined } as Filter)}
        options={[
          { value: "", label: t("service") },
          { value: "FunctionGraph", label: "FunctionGraph" },
          { value: "APIG", label: "APIG" },
          { value: "IAM", label: "IAM" },
        ]}
      />
    </Flex>
  );
}

const at = (one: Trace) => new Date(one.time ?? 0).toISOString();

function Events({ found, loading }: { found: Trace[] | undefined; loading: boolean }) {
  const { t, i18n } = useTranslation("audit");
  const wide = Grid.useBreakpoint().md ?? true;
  const start: TableColumnsType<Trace> = [
    { title: t("time"), key: "time", render: (_, one) => moment(at(one), i18n.language) },
    { title: t("event"), key: "event", render: (_, one) => <strong>{one.trace_name}</strong> },
  ];
  const more: TableColumnsType<Trace> = [
    { title: t("resource"), key: "resource", render: (_, one) => <span className="break">{one.resource_name}</span> },
    { title: t("user"), key: "user", render: (_, one) => one.user?.name },
    { title: t("source"), key: "source", render: (_, one) => <span className="mono">{one.source_ip}</span> },
    {
      title: t("result"),
      key: "result",
      render: (_, one) => <Tag>{t(one.trace_rating === "warning" ? "warning" : "normal")}</Tag>,
    },
  ];
  return (
    <Table<Trace>
      size="small"
      rowKey={(one) => one.trace_id ?? ""}
      dataSource={found ?? []}
      loading={loading}
      // Details of an event would make a table that scrolls as wide as their longest line.
      {...(wide ? {} : { scroll: { x: "max-content" } })}
      pagination={false}
      expandable={{ expandRowByClick: true, expandedRowRender: (one) => <Details one={one} /> }}
      columns={[...start, ...(wide ? more : [])]}
      locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t("empty")} /> }}
    />
  );
}

function Details({ one }: { one: Trace }) {
  const { t } = useTranslation("audit");
  const mono = (text: string | number | undefined) => <span className="mono break">{text}</span>;
  const rows: [string, string | number | undefined][] = [
    [t("number"), one.number],
    [t("code"), one.code],
    [t("why"), one.message],
    [t("resource"), `${one.service_type} ${one.resource_type} ${one.resource_name} ${one.resource_id}`],
    [t("user"), one.user?.name],
    [t("key"), one.user?.access_key_id],
    [t("source"), one.source_ip],
    [t("request"), one.request_id],
    [t("before"), one.before_digest],
    [t("after"), one.after_digest],
    [t("hash"), one.hash],
    [t("id"), one.trace_id],
  ];
  const items = rows.filter(([, text]) => text !== "" && text !== undefined);
  return (
    <Descriptions
      size="small"
      column={1}
      items={items.map(([label, text]) => ({ key: label, label, children: mono(text) }))}
    />
  );
}

/** Computes every hash of the trail again. */
function Chain() {
  const { t } = useTranslation("audit");
  const project = useProject();
  const check = useMutation({ mutationFn: () => send(traces.chain(project)) });
  return (
    <Flex vertical gap={8} align="start">
      <Button icon={<SafetyCertificateOutlined />} loading={check.isPending} onClick={() => check.mutate()}>
        {t("verify")}
      </Button>
      {check.isError && <ErrorNote error={check.error} />}
      {check.data && (
        <Alert
          role="status"
          type={check.data.intact ? "success" : "error"}
          showIcon
          title={
            check.data.intact
              ? t("intact", { count: check.data.events ?? 0 })
              : t("broken", { at: check.data.broken_at ?? "" })
          }
          description={
            <>
              <div>{t("head")}</div>
              <CopyLine text={check.data.head ?? ""} />
            </>
          }
        />
      )}
    </Flex>
  );
}
