import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Form, Input, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { addTag, removeTag, type Tag, tagList } from "../../api/extras";
import { isTagKey, isTagValue } from "../../rules/extras";
import { FormButton } from "../../shared/FormButton";
import { Listing } from "../../shared/Listing";
import { must } from "../../shared/rule";
import { SendButton } from "../../shared/SendButton";
import { usePlace } from "../function/place";

const CHANGED = [["function"], ["functions"]];

/** Names with values that the owner gave the function. */
export default function TagsTab() {
  const { t } = useTranslation("extras");
  const place = usePlace();
  const { project, urn } = place;
  const tags = useQuery(tagList({ project, urn }));
  return (
    <>
      <Typography.Paragraph type="secondary">{t("tags.hint")}</Typography.Paragraph>
      <Listing<Tag>
        list={tags}
        id={(one) => one.key}
        empty={t("tags.none")}
        columns={[
          { title: t("tags.key"), key: "key", render: (_, one) => <strong className="break">{one.key}</strong> },
          { title: t("tags.value"), key: "value", render: (_, one) => <span className="break">{one.value}</span> },
          {
            key: "actions",
            align: "end",
            render: (_, one) => (
              <SendButton
                small
                danger
                icon={<DeleteOutlined />}
                label={`${t("delete", { ns: "common" })} ${one.key}`}
                title={t("tags.delete", { name: one.key })}
                call={removeTag({ project, urn }, one)}
                changed={CHANGED}
                done={t("tags.deleted")}
              />
            ),
          },
        ]}
      >
        <FormButton<Tag, unknown>
          label={t("tags.add")}
          icon={<PlusOutlined />}
          button={{ type: "primary" }}
          initial={{ value: "" }}
          request={({ key, value }) => addTag({ project, urn }, { key, value: value ?? "" })}
          changed={CHANGED}
          done={t("tags.added")}
          fields={
            <>
              <Form.Item
                name="key"
                label={t("tags.key")}
                required
                extra={t("tags.replaces")}
                rules={[must(isTagKey, t("tags.keyRule"))]}
              >
                <Input autoComplete="off" />
              </Form.Item>
              <Form.Item name="value" label={t("tags.value")} rules={[must(isTagValue, t("tags.valueRule"))]}>
                <Input autoComplete="off" />
              </Form.Item>
            </>
          }
        />
      </Listing>
    </>
  );
}
