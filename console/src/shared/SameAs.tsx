import { Collapse, Flex, Typography } from "antd";
import { useTranslation } from "react-i18next";
import type { Call } from "../api/call";
import { shown } from "../api/package";
import { requestCommand } from "../rules/command";
import { CopyLine } from "./CopyLine";

interface Props {
  /** The command that does the same; without one, the command that sends the requests themselves. */
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
  const calls = [rest].flat();
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
              {line(t("cli"), cli ?? calls.map(requestCommand).join("\n"))}
              {line(t("rest"), calls.map(written).join("\n"))}
            </Flex>
          ),
        },
      ]}
    />
  );
}

export { shell } from "./shell";
