import { EditOutlined, PlusOutlined, UndoOutlined } from "@ant-design/icons";
import { Card, Flex, Form, Input, InputNumber, Table, Tag, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { type ResponseRule, type Responses, responses } from "../../api/groups";
import { isResponsesName } from "../../rules/gateway";
import { FormButton } from "../../shared/FormButton";
import { Listing } from "../../shared/Listing";
import { must } from "../../shared/rule";
import { DeleteButton, SendButton } from "../../shared/SendButton";
import { useItems, useScope } from "../gateway/scope";

/** What a group answers in place of the gateway's own errors. */
export function GatewayResponses({ group }: { group: string }) {
  const { t } = useTranslation("groups");
  const at = { ...useScope(), group_id: group };
  const key = ["responses", group];
  const list = useItems(key, responses.list(at), "responses");
  const changes = (one: Responses) => Object.values(one.responses).filter((rule) => !rule.default).length;
  return (
    <Card size="small" title={t("responses")}>
      <Listing<Responses>
        list={list}
        id={(one) => one.id}
        empty={t("noResponses")}
        expandedRow={(one) => <Types group={group} own={one} />}
        columns={[
          {
            title: t("responsesName"),
            key: "name",
            render: (_, one) => (
              <>
                <strong>{one.name}</strong> {one.default && <Tag>{t("default")}</Tag>}
              </>
            ),
          },
          { title: t("error"), key: "types", render: (_, one) => t("changedTypes", { count: changes(one) }) },
          {
            key: "actions",
            align: "end",
            render: (_, one) => (
              <DeleteButton
                title={t("deleteResponses", { name: one.name })}
                call={responses.remove(at, one.id)}
                changed={[key]}
                done={t("responsesDeleted")}
              />
            ),
          },
        ]}
      >
        <FormButton<{ name?: string }, unknown>
          label={t("addResponses")}
          icon={<PlusOutlined />}
          fields={
            <Form.Item
              name="name"
              label={t("responsesName")}
              required
              rules={[must(isResponsesName, t("responsesRule"))]}
            >
              <Input autoComplete="off" maxLength={64} />
            </Form.Item>
          }
          request={({ name = "" }) => responses.create(at, name)}
          changed={[key]}
          done={t("responsesMade")}
        />
      </Listing>
      <Typography.Text type="secondary">{t("responsesHint")}</Typography.Text>
    </Card>
  );
}

type Row = [string, ResponseRule];

function Types({ group, own }: { group: string; own: Responses }) {
  const { t } = useTranslation("groups");
  const at = { ...useScope(), group_id: group };
  const changed = [["responses", group]];
  return (
    <Table<Row>
      size="small"
      rowKey={([type]) => type}
      dataSource={Object.entries(own.responses)}
      pagination={false}
      scroll={{ x: "max-content", y: 320 }}
      columns={[
        { title: t("error"), key: "type", render: (_, [type]) => <span className="mono">{type}</span> },
        { title: t("status"), key: "status", render: (_, [, rule]) => rule.status ?? t("ownStatus") },
        { key: "own", render: (_, [, rule]) => !rule.default && <Tag>{t("own")}</Tag> },
        {
          key: "actions",
          align: "end",
          render: (_, [type, rule]) => (
            <Flex justify="end">
              <EditType group={group} own={own} type={type} rule={rule} />
              {!rule.default && (
                <SendButton
                  small
                  icon={<UndoOutlined />}
                  label={t("usual")}
                  title={t("usualTitle", { type })}
                  call={responses.usual(at, own.id, type)}
                  changed={changed}
                  done={t("typeSaved")}
                />
              )}
            </Flex>
          ),
        },
      ]}
    />
  );
}

interface Given {
  status?: number | null;
  body?: string;
  headers?: string;
}

const pairs = (text: string | undefined) =>
  (text ?? "")
    .split("\n")
    .filter((line) => line.trim())
    .map((line) => {
      const at = line.indexOf(":");
      return { key: at < 0 ? "" : line.slice(0, at).trim(), value: line.slice(at + 1).trim() };
    });

function EditType(props: { group: string; own: Responses; type: string; rule: ResponseRule }) {
  const { t } = useTranslation("groups");
  const { group, own, type, rule } = props;
  const at = { ...useScope(), group_id: group };
  const status = must<number | string>(
    (value) =>
      value === "" || (Number.isInteger(value) && Number(value) >= 200 && Number(value) <= 599 && value !== 444),
    t("statusRule"),
  );
  return (
    <FormButton<Given, unknown>
      small
      label={t("edit", { ns: "common" })}
      title={t("editType", { type })}
      icon={<EditOutlined />}
      initial={{
        status: rule.status ?? null,
        body: rule.body ?? "",
        headers: (rule.headers ?? []).map((one) => `${one.key}: ${one.value}`).join("\n"),
      }}
      fields={
        <>
          <Form.Item name="status" label={t("status")} rules={[status]}>
            <InputNumber placeholder={t("ownStatus")} style={{ width: "100%" }} />
          </Form.Item>
          <Form.Item name="body" label={t("body")}>
            <Input.TextArea rows={5} className="mono" spellCheck={false} />
          </Form.Item>
          <Form.Item
            name="headers"
            label={t("headers")}
            extra={t("headersHint")}
            rules={[must((text) => pairs(text).every((one) => one.key && one.value), t("headersRule"))]}
          >
            <Input.TextArea rows={2} className="mono" spellCheck={false} />
          </Form.Item>
        </>
      }
      request={(given) =>
        responses.set(at, own.id, type, {
          ...(given.status ? { status: given.status } : {}),
          body: given.body ?? "",
          headers: pairs(given.headers),
        })
      }
      changed={[["responses", group]]}
      done={t("typeSaved")}
    />
  );
}
