import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Empty, Flex, Segmented, Table, type TableColumnsType, Typography } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Usage, usage } from "../../api/history";
import { nameOf } from "../../rules/urn";
import { ErrorNote } from "../../shared/ErrorNote";
import { moment } from "../../shared/format";
import { SameAs } from "../../shared/SameAs";
import { useProject } from "../../shell/project";

const DAY = 86_400;
const SPANS = { "1d": DAY, "7d": 7 * DAY, "31d": 31 * DAY };
type Length = keyof typeof SPANS;

/** What each function used. */
export function UsageTable() {
  const { t, i18n } = useTranslation("system");
  const project = useProject();
  const [length, setLength] = useState<Length>("1d");
  const found = useQuery(usage(project, { seconds: SPANS[length] }));
  const count = (value: number) => value.toLocaleString(i18n.language === "zh" ? "zh-CN" : "en-GB");
  const number = (title: string, value: (one: Usage) => number, format = count): TableColumnsType<Usage>[number] => ({
    title,
    key: title,
    align: "end",
    sorter: (a, b) => value(a) - value(b),
    render: (_, one) => format(value(one)),
  });
  const columns: TableColumnsType<Usage> = [
    {
      title: t("function", { ns: "monitor" }),
      key: "function",
      render: (_, one) => (
        <Link to="/functions/$app/$name/$tab" params={{ ...nameOf(one.function), tab: "monitor" }}>
          {nameOf(one.function).name}
        </Link>
      ),
    },
    number(t("requests"), (one) => one.calls),
    number(t("failures"), (one) => one.failures),
    number(t("throttled"), (one) => one.throttles),
    number(
      t("gbs"),
      (one) => one.gb_seconds,
      (value) => value.toFixed(3),
    ),
  ];
  const all = found.data?.functions ?? [];
  const sum = (value: (one: Usage) => number) => all.reduce((before, one) => before + value(one), 0);
  return (
    <Flex vertical gap={12}>
      <Flex gap={12} wrap align="center">
        <Segmented<Length>
          aria-label={t("range", { ns: "monitor" })}
          value={length}
          onChange={setLength}
          options={(Object.keys(SPANS) as Length[]).map((value) => ({
            value,
            label: t(`span.${value}`, { ns: "monitor" }),
          }))}
        />
        {found.data && (
          <Typography.Text type="secondary">
            {moment(found.data.since, i18n.language)} – {moment(found.data.until, i18n.language)}
          </Typography.Text>
        )}
      </Flex>
      {found.isError && <ErrorNote error={found.error} retry={found.refetch} />}
      <Table<Usage>
        size="small"
        rowKey="function"
        columns={columns}
        dataSource={all}
        loading={found.isPending}
        pagination={{ defaultPageSize: 50, hideOnSinglePage: true }}
        scroll={{ x: "max-content" }}
        locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t("nothingUsed")} /> }}
        summary={() =>
          all.length > 1 && (
            <Table.Summary.Row>
              <Table.Summary.Cell index={0}>
                <strong>{t("together")}</strong>
              </Table.Summary.Cell>
              {[
                count(sum((one) => one.calls)),
                count(sum((one) => one.failures)),
                count(sum((one) => one.throttles)),
                sum((one) => one.gb_seconds).toFixed(3),
              ].map((text, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the columns never change places
                <Table.Summary.Cell key={at} index={at + 1} align="right">
                  <strong>{text}</strong>
                </Table.Summary.Cell>
              ))}
            </Table.Summary.Row>
          )
        }
      />
      <SameAs
        cli="sudo funcd stats NAME --minutes 1440"
        rest={{ method: "GET", path: `/v2/${project}/funcd/usage?since=${found.data?.since ?? ""}` }}
      />
    </Flex>
  );
}
