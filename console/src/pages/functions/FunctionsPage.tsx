import { PlusOutlined, PushpinFilled, PushpinOutlined, ReloadOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Button, Empty, Flex, Grid, Input, Table, type TableColumnsType, Tag, Tooltip, Typography } from "antd";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { latelyUsed, type Tag as Tagging, taggedFunctions } from "../../api/extras";
import { functionList, type ListedFunction, pinFunction, withoutVersion } from "../../api/functions";
import { CopyLine } from "../../shared/CopyLine";
import { ErrorNote } from "../../shared/ErrorNote";
import { bytes, moment } from "../../shared/format";
import { LinkButton } from "../../shared/LinkButton";
import { SendButton } from "../../shared/SendButton";
import { useProject } from "../../shell/project";
import { Bulk, command } from "./Bulk";

/** Figures of the last minutes are asked again this often; not while the window is hidden. */
const AGAIN = 10_000;

/** Every function of the project. */
export function FunctionsPage() {
  const { t } = useTranslation("functions");
  const project = useProject();
  const list = useQuery(functionList(project));
  const [search, setSearch] = useState("");
  const [chosen, setChosen] = useState<string[]>([]);
  const tags = useQuery(taggedFunctions(project));
  const found = useMemo(() => matching(list.data ?? [], tags.data, search), [list.data, tags.data, search]);
  if (list.isSuccess && list.data.length === 0) return <NoFunctions />;
  return (
    <>
      <Flex align="center" gap={12} wrap style={{ marginBottom: 12 }}>
        <Typography.Title level={1} style={{ flex: "1 0 auto", fontSize: 20, margin: 0, whiteSpace: "nowrap" }}>
          {t("title")}
        </Typography.Title>
        <Bulk urns={chosen} onDone={() => setChosen([])} />
        <Input.Search
          allowClear
          placeholder={t("search")}
          aria-label={t("search")}
          value={search}
          onChange={(event) => setSearch(event.target.value)}
          style={{ maxWidth: 280 }}
        />
        <Tooltip title={t("refresh", { ns: "common" })}>
          <Button
            icon={<ReloadOutlined />}
            aria-label={t("refresh", { ns: "common" })}
            loading={list.isFetching}
            onClick={() => list.refetch()}
          />
        </Tooltip>
        <CreateButton />
      </Flex>
      {list.isError && <ErrorNote error={list.error} retry={list.refetch} />}
      <Functions found={found} loading={list.isPending} chosen={chosen} onChosen={setChosen} onTag={setSearch} />
    </>
  );
}

function matching(all: ListedFunction[], tags: Map<string, Tagging[]> | undefined, search: string): ListedFunction[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return all;
  return all.filter((one) => {
    const own = (tags?.get(withoutVersion(one.func_urn)) ?? []).map(({ key, value }) =>
      value ? `${key}=${value}` : key,
    );
    const text = [one.func_name, one.package, one.description ?? "", ...own].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

interface ListProps {
  found: ListedFunction[];
  loading: boolean;
  chosen: string[];
  onChosen: (urns: string[]) => void;
  /** Somebody wants to see those with a tag. */
  onTag: (tag: string) => void;
}

function Functions({ found, loading, chosen, onChosen, onTag }: ListProps) {
  const { t } = useTranslation("functions");
  const columns = useColumns(onTag);
  // A table that scrolls by itself repeats its check boxes in a hidden row that only measures.
  return (
    <div style={{ overflowX: "auto" }}>
      <Table<ListedFunction>
        size="middle"
        rowKey="func_urn"
        columns={columns}
        dataSource={found}
        loading={loading}
        rowSelection={{ selectedRowKeys: chosen, onChange: (keys) => onChosen(keys.map(String)) }}
        pagination={{
          defaultPageSize: 20,
          showSizeChanger: true,
          hideOnSinglePage: false,
          showTotal: (count) => t("total", { count }),
        }}
        locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t("nothing")} /> }}
      />
    </div>
  );
}

function useColumns(onTag: (tag: string) => void): TableColumnsType<ListedFunction> {
  const { t, i18n } = useTranslation("functions");
  const project = useProject();
  const tags = useQuery(taggedFunctions(project));
  const used = useQuery({ ...latelyUsed(project), refetchInterval: AGAIN });
  const usage = (one: ListedFunction) => used.data?.by.get(withoutVersion(one.func_urn));
  const wide = Grid.useBreakpoint().md ?? true;
  const name: TableColumnsType<ListedFunction>[number] = {
    title: t("name"),
    key: "name",
    sorter: (a, b) => a.func_name.localeCompare(b.func_name),
    render: (_, one) => (
      <Flex vertical>
        <Link to="/functions/$app/$name/$tab" params={{ app: one.package, name: one.func_name, tab: "overview" }}>
          <strong>{one.func_name}</strong>
        </Link>
        {one.description && (
          <Typography.Text type="secondary" ellipsis style={{ maxWidth: 320 }}>
            {one.description}
          </Typography.Text>
        )}
      </Flex>
    ),
  };
  const state: TableColumnsType<ListedFunction>[number] = {
    title: t("state"),
    key: "state",
    render: (_, one) => <State of={one} />,
  };
  const actions: TableColumnsType<ListedFunction>[number] = {
    key: "actions",
    align: "end",
    render: (_, one) => <Pin of={one} />,
  };
  if (!wide) return [name, state, actions];
  return [
    name,
    { title: t("package"), dataIndex: "package" },
    {
      title: t("runtime"),
      key: "runtime",
      render: (_, one) => <Tag>{one.runtime === "http" ? t("http") : one.runtime}</Tag>,
    },
    state,
    {
      title: t("tags"),
      key: "tags",
      render: (_, one) => <Tags of={tags.data?.get(withoutVersion(one.func_urn)) ?? []} onTag={onTag} />,
    },
    {
      title: t("lately"),
      key: "lately",
      sorter: (a, b) => (usage(a)?.calls ?? 0) - (usage(b)?.calls ?? 0),
      render: (_, one) => <Lately of={usage(one)} spanned={used.data?.spanned ?? 1} />,
    },
    { title: t("memory"), key: "memory", render: (_, one) => `${one.memory_size} MB`, sorter: by("memory_size") },
    {
      title: t("timeout"),
      key: "timeout",
      render: (_, one) => t("seconds", { count: one.timeout }),
      sorter: by("timeout"),
    },
    { title: t("code"), key: "code", render: (_, one) => bytes(one.code_size ?? 0), sorter: by("code_size") },
    {
      title: t("modified"),
      key: "modified",
      render: (_, one) => moment(one.last_modified, i18n.language),
      sorter: (a, b) => (a.last_modified ?? "").localeCompare(b.last_modified ?? ""),
    },
    actions,
  ];
}

const by = (field: "memory_size" | "timeout" | "code_size") => (a: ListedFunction, b: ListedFunction) =>
  (a[field] ?? 0) - (b[field] ?? 0);

function State({ of }: { of: ListedFunction }) {
  const { t } = useTranslation("functions");
  if (of.strategy_config?.concurrency !== 0)
    return (
      <Tag color="success" variant="solid">
        {t("active")}
      </Tag>
    );
  return (
    <Tooltip title={t("disabledWhy")}>
      <Tag>{t("disabled")}</Tag>
    </Tooltip>
  );
}

function Pin({ of }: { of: ListedFunction }) {
  const { t } = useTranslation("functions");
  const project = useProject();
  const what = of.pinned ? "unpin" : "pin";
  return (
    <SendButton
      small
      icon={of.pinned ? <PushpinFilled /> : <PushpinOutlined />}
      label={t(what)}
      title={t(`${what}One`, { name: of.func_name })}
      text={t(`${what}OneText`)}
      okText={t(what)}
      button={{ "aria-pressed": of.pinned }}
      call={pinFunction(project, of.func_urn, !of.pinned)}
      cli={command(what, of.func_urn)}
      changed={[["functions"]]}
      done={t(`${what}Done`, { name: of.func_name })}
    />
  );
}

/** The functions' tags; each is there to be clicked for those that have it, too. */
function Tags({ of, onTag }: { of: Tagging[]; onTag: (tag: string) => void }) {
  return (
    <Flex gap={4} wrap style={{ maxWidth: 260 }}>
      {of.map(({ key, value }) => {
        const text = value ? `${key}=${value}` : key;
        return (
          <Button key={key} size="small" style={{ fontSize: 12 }} onClick={() => onTag(text)}>
            {text}
          </Button>
        );
      })}
    </Flex>
  );
}

/** How much a function was asked lately, and how much of it failed. */
function Lately({ of, spanned }: { of: { calls: number; failures: number } | undefined; spanned: number }) {
  const { t } = useTranslation("functions");
  if (!of || of.calls === 0) return <Typography.Text type="secondary">–</Typography.Text>;
  return (
    <Tooltip title={t("latelyWhat", { calls: of.calls, failures: of.failures, minutes: Math.round(spanned / 60) })}>
      <Flex vertical>
        <span>{t("perSecond", { rate: rate(of.calls / spanned) })}</span>
        {of.failures > 0 && <Typography.Text type="danger">{t("failures", { count: of.failures })}</Typography.Text>}
      </Flex>
    </Tooltip>
  );
}

const rate = (count: number) => (count >= 10 ? count.toFixed(0) : count >= 0.1 ? count.toFixed(1) : count.toFixed(3));

/** What to do first, here and from the command line. */
function NoFunctions() {
  const { t } = useTranslation("functions");
  return (
    <Empty
      style={{ margin: "10vh auto", maxWidth: 560 }}
      description={
        <Flex vertical gap={12}>
          <Typography.Title level={1} style={{ fontSize: 20, margin: 0 }}>
            {t("emptyTitle")}
          </Typography.Title>
          <Typography.Text type="secondary">{t("emptyText")}</Typography.Text>
          <CopyLine text="sudo funcd deploy ./my-app" />
          <div>
            <CreateButton />
          </div>
        </Flex>
      }
    />
  );
}

function CreateButton() {
  const { t } = useTranslation("functions");
  return (
    <LinkButton type="primary" icon={<PlusOutlined />} to="/functions/new">
      {t("create")}
    </LinkButton>
  );
}
