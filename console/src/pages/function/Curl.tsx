import { useQuery } from "@tanstack/react-query";
import { Flex, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { functionTriggers } from "../../api/function";
import type { Request } from "../../rules/event";
import { CopyLine } from "../../shared/CopyLine";
import { shell } from "../../shared/SameAs";
import { usePlace } from "./place";

/** The request as a line for a terminal, through the first trigger's URL. */
export function curlLine(base: string, request: Request): string {
  const method = request.method === "HEAD" ? " -I" : request.method === "GET" ? "" : ` -X ${request.method}`;
  const headers = (request.headers ?? [])
    .filter((one) => one?.name)
    .map(({ name, value }) => ` -H ${shell(`${name}: ${value ?? ""}`)}`)
    .join("");
  const body = request.body && !["GET", "HEAD"].includes(request.method) ? ` --data-raw ${shell(request.body)}` : "";
  const url = base.replace(/\/$/, "") + (request.path || "/");
  return `curl -i${method}${headers}${body} ${shell(url)}`;
}

export function Curl({ request }: { request: Request }) {
  const { t } = useTranslation("fn");
  const { project, urn } = usePlace();
  const triggers = useQuery(functionTriggers({ project, urn }));
  const url = triggers.data?.[0]?.event_data?.invoke_url;
  return (
    <Flex vertical gap={4} style={{ marginTop: 16 }}>
      <Typography.Text type="secondary">{url ? t("test.curl") : t("test.noUrl")}</Typography.Text>
      {url && <CopyLine text={curlLine(url, request)} />}
    </Flex>
  );
}
