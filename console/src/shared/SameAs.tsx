import { Collapse, Flex, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { CopyLine } from "./CopyLine";

interface Props {
  /** The command that does the same, if there is one. */
  cli?: string;
  /** The operation that the page calls: method, path, and the body as text. */
  rest: { method: string; path: string; body?: unknown };
}

/** The same action as lines to copy. */
export function SameAs({ cli, rest }: Props) {
  const { t } = useTranslation();
  const body = rest.body === undefined ? "" : `\n${JSON.stringify(rest.body, null, 2)}`;
  const line = (label: string, text: string) => (
    <div>
      <Typography.Text type="secondary">{label}</Typography.Text>
      <CopyLine text={text} />
    </div>
  );
  return (
    <Collapse
      ghost
      size="small"
      items={[
        {
          key: "lines",
          label: t("sameAs"),
          children: (
            <Flex vertical gap={8}>
              {cli && line(t("cli"), cli)}
              {line(t("rest"), `${rest.method} ${rest.path}${body}`)}
            </Flex>
          ),
        },
      ]}
    />
  );
}

export { shell } from "./shell";
