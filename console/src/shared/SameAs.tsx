import { Collapse, Flex, Typography } from "antd";
import { useTranslation } from "react-i18next";
import type { Call } from "../api/call";
import { shown } from "../api/package";
import { CopyLine } from "./CopyLine";

interface Props {
  /** The command that does the same, if there is one. */
  cli?: string | undefined;
  /** The request that the page sends, or those it sends one after the other. */
  rest: Call | readonly Call[];
}

function written({ method, path, body }: Call): string {
  return `${method} ${path}${body === undefined ? "" : `\n${shown(body)}`}`;
}

/** The same action as lines to copy. */
export function SameAs({ cli, rest }: Props) {
  const { t } = useTranslation();
  const line = (label: string, text: string) => (
    <div>
      <Typography.Text type="secondary">{label}</Typography.Text>
      <div style={{ maxHeight: "40vh", overflow: "auto" }}>
        <CopyLine text={text} />
      </div>
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
              {line(t("rest"), [rest].flat().map(written).join("\n"))}
            </Flex>
          ),
        },
      ]}
    />
  );
}

export { shell } from "./shell";
