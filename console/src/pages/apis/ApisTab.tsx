import { PlusOutlined, ReloadOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Button, Empty, Flex, Grid, Input, Table, type TableColumnsType, Tag } from "antd";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { apiList, type ListedApi } from "../../api/apig";
import { ErrorNote } from "../../shared/ErrorNote";
import { moment } from "../../shared/format";
import { LinkButton } from "../../shared/LinkButton";
import { useProject } from "../../shell/project";

/** APIs of the project, in whichever group. */
export default function ApisTab() {
  const { t } = useTranslation("apis");
  const list = useQuery(apiList(useProject()));
  const columns = useColumns();
  const [search, setSearch] = useState("");
  const found = useMemo(() => {
    const word = search.trim().toLowerCase();
    return (list.data ?? []).filter((one) => `${one.name} ${one.req_uri}`.toLowerCase().includes(word));
  }, [list.data, search]);
  if (list.isSuccess && list.data.length === 0) {
    return (
      <Empty description={t("empty")}>
        <Flex gap={12} justify="center" wrap>
          <LinkButton type="primary" to="/functions">
            {t("toFunctions")}
          </LinkButton>
          <Create />
        </Flex>
      </Empty>
    );
  }
  return (
    <>
      <Flex gap={12} wrap style={{ marginBottom: 12 }}>
        <Create primary />
        <Input.Search
          allowClear
          placeholder={t("search")}
          aria-label={t("search")}
          onChange={(event) => setSearch(event.target.value)}
          style={{ maxWidth: 280 }}
        />
        <Button
          icon={<ReloadOutlined />}
          aria-label={t("refresh", { ns: "common" })}
          loading={list.isFetching}
          onClick={() => list.refetch()}
        />
      </Flex>
      {list.isError && <ErrorNote error={list.error} retry={list.refetch} />}
      <Table<ListedApi>
        size="middle"
        rowKey={(one) => one.id ?? one.name}
        columns={columns}
        dataSource={found}
        loading={list.isPending}
        scroll={{ x: "max-content" }}
        pagination={{ defaultPageSize: 20, showTotal: (count) => t("total", { count }) }}
      />
    </>
  );
}

function Create({ primary = false }: { primary?: boolean }) {
  const { t } = useTranslation("definition");
  return (
    <LinkButton type={primary ? "primary" : "default"} icon={<PlusOutlined />} to="/apis/new">
      {t("createApi")}
    </LinkButton>
  );
}

function useColumns(): TableColumnsType<ListedApi> {
  const { t, i18n } = useTranslation("apis");
  const wide = Grid.useBreakpoint().md ?? true;
  const narrow: TableColumnsType<ListedApi> = [
    {
      title: t("name"),
      key: "name",
      sorter: (a, b) => a.name.localeCompare(b.name),
      render: (_, one) => (
        <Flex vertical>
          <Link to="/apis/$api" params={{ api: one.id ?? "" }}>
            <strong>{one.name}</strong>
          </Link>
          {!wide && <span className="mono">{one.req_uri}</span>}
        </Flex>
      ),
    },
    {
      title: t("state"),
      key: "state",
      render: (_, one) =>
        one.run_env_name ? (
          <Tag color="success" variant="solid">
            {one.run_env_name.replaceAll("|", ", ")}
          </Tag>
        ) : (
          <Tag>{t("offline")}</Tag>
        ),
    },
  ];
  if (!wide) return narrow;
  return [
    ...narrow,
    { title: t("method"), key: "method", render: (_, one) => <Tag>{one.req_method}</Tag> },
    { title: t("path"), key: "path", render: (_, one) => <span className="mono">{one.req_uri}</span> },
    { title: t("group"), dataIndex: "group_name" },
    { title: t("auth"), key: "auth", render: (_, one) => <Tag>{one.auth_type}</Tag> },
    { title: t("updated"), key: "updated", render: (_, one) => moment(one.update_time, i18n.language) },
  ];
}
