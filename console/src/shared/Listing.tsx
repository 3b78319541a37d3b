import { ReloadOutlined } from "@ant-design/icons";
import type { UseQueryResult } from "@tanstack/react-query";
import { Button, Empty, Flex, Input, Table, type TableColumnsType } from "antd";
import { type ReactNode, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { CopyLine } from "./CopyLine";
import { ErrorNote } from "./ErrorNote";

interface Props<T> {
  list: UseQueryResult<T[]>;
  id: (one: T) => string;
  columns: TableColumnsType<T>;
  /** What of an item is searched, if there is a search. */
  words?: (one: T) => string;
  /** What is said where nothing is there, and the command that makes something. */
  empty: string;
  cli?: string;
  /** What of an item is shown when its line is opened. */
  expandedRow?: (one: T) => ReactNode;
  /** What stands above the table. */
  children?: ReactNode;
}

/** A table of what a list answers: searched in the browser, with the server's words when it refuses. */
export function Listing<T extends object>({ list, id, columns, words, empty, cli, expandedRow, children }: Props<T>) {
  const { t } = useTranslation();
  const [search, setSearch] = useState("");
  const found = useMemo(() => {
    const word = search.trim().toLowerCase();
    const all = list.data ?? [];
    return words && word ? all.filter((one) => words(one).toLowerCase().includes(word)) : all;
  }, [list.data, search, words]);
  return (
    <Flex vertical gap={12}>
      <Flex gap={12} wrap align="center">
        {children}
        {words && (
          <Input.Search
            allowClear
            placeholder={t("search")}
            aria-label={t("search")}
            onChange={(event) => setSearch(event.target.value)}
            style={{ maxWidth: 240 }}
          />
        )}
        <Button
          icon={<ReloadOutlined />}
          aria-label={t("refresh")}
          loading={list.isFetching && !list.isPending}
          onClick={() => list.refetch()}
        />
      </Flex>
      {list.isError && <ErrorNote error={list.error} retry={list.refetch} />}
      {!list.isError && (
        <Table<T>
          size="middle"
          rowKey={id}
          columns={columns}
          dataSource={found}
          loading={list.isPending}
          scroll={{ x: "max-content" }}
          {...(expandedRow ? { expandable: { expandedRowRender: expandedRow } } : {})}
          pagination={{ defaultPageSize: 20, hideOnSinglePage: true, showTotal: (count) => t("count", { count }) }}
          locale={{ emptyText: <Nothing text={empty} cli={cli} /> }}
        />
      )}
    </Flex>
  );
}

function Nothing({ text, cli }: { text: string; cli: string | undefined }) {
  return (
    <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={text}>
      {cli && (
        <div style={{ display: "inline-block", maxWidth: "100%" }}>
          <CopyLine text={cli} />
        </div>
      )}
    </Empty>
  );
}
