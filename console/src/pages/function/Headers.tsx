import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Flex, Form, Input } from "antd";
import { useTranslation } from "react-i18next";

/** The headers of a request, one a row. */
export function Headers() {
  const { t } = useTranslation("fn");
  return (
    <Form.List name="headers">
      {(fields, { add, remove }) => (
        <Flex vertical gap={8}>
          {fields.map(({ key, name }) => (
            <Flex gap={8} key={key}>
              <Form.Item name={[name, "name"]} noStyle>
                <Input
                  aria-label={t("test.header")}
                  placeholder={t("test.header")}
                  autoComplete="off"
                  style={{ flex: 1 }}
                />
              </Form.Item>
              <Form.Item name={[name, "value"]} noStyle>
                <Input
                  aria-label={t("test.value")}
                  placeholder={t("test.value")}
                  autoComplete="off"
                  style={{ flex: 1.5 }}
                />
              </Form.Item>
              <Button
                type="text"
                icon={<DeleteOutlined />}
                aria-label={t("configuration.remove")}
                onClick={() => remove(name)}
              />
            </Flex>
          ))}
          <Button
            type="dashed"
            icon={<PlusOutlined />}
            onClick={() => add({ name: "", value: "" })}
            style={{ alignSelf: "start" }}
          >
            {t("test.addHeader")}
          </Button>
        </Flex>
      )}
    </Form.List>
  );
}
