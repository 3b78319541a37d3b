import { DeleteOutlined, PlusOutlined, PushpinFilled, PushpinOutlined, ReloadOutlined } from "@ant-design/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { App, Button, Empty, Flex, Grid, Input, Table, type TableColumnsType, Tag, Tooltip, Typography } from "antd";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { deleteFunction, functionList, type ListedFunction, pinFunction } from "../../api/functions";
import { CopyLine } from "../../shared/CopyLine";
import { ErrorNote } from "../../shared/ErrorNote";
import { bytes, moment } from "../../shared/format";
import { useProject } from "../../shell/project";

/** Every function of the project. */
export function FunctionsPage() {
  const { t } = useTranslation("functions");
  const project = useProject();
  const list = useQuery(functionList(project));
  const [search, setSearch] = useState("");
  const [chosen, setChosen] = useState<string[]>([]);
  const found = useMemo(() => matching(list.data ?? [], search), [list.data, search]);
  if (list.isSuccess && list.data.length === 0) return <NoFunctions />;
  return (
    <>
      <Flex align="center" gap={12} wrap style={{ marginBottom: 12 }}>
        <Typography.Title level={1} style={{ flex: "1 0 auto", fontSize: 20, margin: 0, whiteSpace: "nowrap" }}>
          {t("title")}
        </Typography.Title>
        <DeleteChosen urns={chosen} onDeleted={() => setChosen([])} />
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
      <Functions found={found} loading={list.isPending} chosen={chosen} onChosen={setChosen} />
    </>
  );
}

function matching(all: ListedFunction[], search: string): ListedFunction[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return all;
  return all.filter((one) => {
    const text = `${one.func_name} ${one.package} ${one.description ?? ""}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

interface ListProps {
  found: ListedFunction[];
  loading: boolean;
  chosen: string[];
  onChosen: (urns: string[]) => void;
}

function Functions({ found, loading, chosen, onChosen }: ListProps) {
  const { t } = useTranslation("functions");
  const columns = useColumns();
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

function useColumns(): TableColumnsType<ListedFunction> {
  const { t, i18n } = useTranslation("functions");
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
  const queries = useQueryClient();
  const { message } = App.useApp();
  const pin = useMutation({
    mutationFn: () => pinFunction(project, of.func_urn, !of.pinned),
    onError: (error) => message.error(error.message),
    onSettled: () => queries.invalidateQueries({ queryKey: ["functions"] }),
  });
  const label = t(of.pinned ? "unpin" : "pin");
  return (
    <Tooltip title={label}>
      <Button
        type="text"
        icon={of.pinned ? <PushpinFilled /> : <PushpinOutlined />}
        aria-label={label}
        aria-pressed={of.pinned}
        loading={pin.isPending}
        onClick={() => pin.mutate()}
      />
    </Tooltip>
  );
}

function DeleteChosen({ urns, onDeleted }: { urns: string[]; onDeleted: () => void }) {
  const { t } = useTranslation("functions");
  const project = useProject();
  const queries = useQueryClient();
  const { modal, message } = App.useApp();
  if (urns.length === 0) return null;
  const count = urns.length;
  const remove = async () => {
    const results = await Promise.allSettled(urns.map((urn) => deleteFunction(project, urn)));
    await queries.invalidateQueries({ queryKey: ["functions"] });
    const failed = results.filter((result) => result.status === "rejected");
    for (const { reason } of failed) message.error(String(reason instanceof Error ? reason.message : reason));
    if (failed.length < count) message.success(t("deleted", { count: count - failed.length }));
    onDeleted();
  };
  const ask = () =>
    modal.confirm({
      title: t("deleteTitle", { count }),
      content: t("deleteText"),
      okText: t("delete"),
      okButtonProps: { danger: true },
      onOk: remove,
    });
  return (
    <Button danger icon={<DeleteOutlined />} onClick={ask} aria-label={t("chosen", { count })}>
      {t("delete")} ({count})
    </Button>
  );
}

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
    <Link to="/functions/new">
      <Button type="primary" icon={<PlusOutlined />}>
        {t("create")}
      </Button>
    </Link>
  );
}
