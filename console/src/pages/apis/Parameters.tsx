import { Card, Flex, Table, Tag, Typography } from "antd";
import { useTranslation } from "react-i18next";
import type { Api } from "../../api/apig";

/** What an API takes from requests, and what it gives the function of it. */
export function Parameters({ api }: { api: Api }) {
  const { t } = useTranslation("definition");
  const parameters = api.req_params ?? [];
  const mappings = api.backend_params ?? [];
  if (parameters.length + mappings.length === 0) return null;
  const sources = (name: string) =>
    mappings
      .filter(({ origin, value }) => origin === "REQUEST" && value === name)
      .map((one) => `${one.location} ${one.name}`);
  const others = mappings.filter(({ origin }) => origin !== "REQUEST");
  const rows = [
    ...parameters.map((one) => ({
      key: one.name,
      from: one.name,
      place: one.location,
      how: t(one.required === 1 ? "required" : "optional"),
      to: [...(one.pass_through === 2 ? [] : [t("passThrough")]), ...sources(one.name)],
    })),
    ...others.map((one) => ({
      key: `${one.location} ${one.name}`,
      from: one.value,
      place: t(one.origin),
      how: "",
      to: [`${one.location} ${one.name}`],
    })),
  ];
  return (
    <Card size="small" title={t("parametersOf")}>
      <Table
        size="small"
        dataSource={rows}
        pagination={false}
        scroll={{ x: "max-content" }}
        columns={[
          { title: t("origin"), key: "from", render: (_, one) => <span className="mono break">{one.from}</span> },
          { title: t("location"), key: "place", render: (_, one) => <Tag>{one.place}</Tag> },
          { title: "", dataIndex: "how" },
          {
            title: t("toFunction"),
            key: "to",
            render: (_, one) => (
              <Flex vertical>
                {one.to.map((text) => (
                  <Typography.Text key={text}>{text}</Typography.Text>
                ))}
              </Flex>
            ),
          },
        ]}
      />
    </Card>
  );
}
