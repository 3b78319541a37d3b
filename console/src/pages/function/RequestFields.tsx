import { Flex, Form, Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import { Headers } from "./Headers";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/** The fields of a request: method, path, headers and, where it may have one, the body. */
export function RequestFields({ body }: { body: boolean }) {
  const { t } = useTranslation("fn");
  return (
    <>
      <Flex gap={8} wrap>
        <Form.Item name="method" label={t("test.method")}>
          <Select style={{ width: 110 }} options={METHODS.map((value) => ({ value, label: value }))} />
        </Form.Item>
        <Form.Item
          name="path"
          label={t("test.path")}
          className="grow"
          rules={[{ pattern: /^\//, message: t("test.pathRule") }]}
        >
          <Input className="mono" autoComplete="off" />
        </Form.Item>
      </Flex>
      <Form.Item label={t("test.headers")}>
        <Headers />
      </Form.Item>
      {body && (
        <Form.Item name="body" label={t("test.body")}>
          <Input.TextArea className="mono" rows={6} />
        </Form.Item>
      )}
    </>
  );
}
