import { useQuery } from "@tanstack/react-query";
import { Flex, Segmented, Typography } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { functionConfig, functionTriggers, type Place } from "../../api/function";
import { qualified } from "../../api/versions";
import type { Request } from "../../rules/event";
import { type Called, commandLine, nodeLines, pythonLines, sentEvent } from "../../rules/lines";
import { CopyLine } from "../../shared/CopyLine";
import { shell } from "../../shared/SameAs";
import { usePlace } from "./place";

/** The request as a line for a terminal, through the first trigger's URL. */
function curlLine(base: string, request: Request): string {
  const method = request.method === "HEAD" ? " -I" : request.method === "GET" ? "" : ` -X ${request.method}`;
  const headers = (request.headers ?? [])
    .filter((one) => one?.name)
    .map(({ name, value }) => ` -H ${shell(`${name}: ${value ?? ""}`)}`)
    .join("");
  const body = request.body && !["GET", "HEAD"].includes(request.method) ? ` --data-raw ${shell(request.body)}` : "";
  const url = base.replace(/\/$/, "") + (request.path || "/");
  return `curl -i${method}${headers}${body} ${shell(url)}`;
}

const KINDS = ["curl", "cli", "python", "node", "rest"] as const;

interface Props {
  sent: Called["sent"];
  /** The version or alias that is called. */
  qualifier: string;
}

/** What is sent, as lines to copy: for a terminal, for the vendor's SDKs, and as the operation of the API. */
export function Lines({ sent, qualifier }: Props) {
  const { t } = useTranslation("invoke");
  const place = usePlace();
  const { project } = place;
  const config = useQuery(functionConfig({ project, urn: place.urn }));
  const [kind, setKind] = useState<(typeof KINDS)[number]>("curl");
  if (!config.data) return null;
  const urn = qualified(config.data.func_urn, qualifier);
  const called: Called = { api: window.location.origin, project, urn, sent };
  const operation = `POST /v2/${project}/fgs/functions/${urn}/invocations`;
  const text = {
    curl: "",
    cli: commandLine(called),
    python: pythonLines(called),
    node: nodeLines(called),
    rest: `${operation}\n${JSON.stringify(sentEvent(sent), null, 2)}`,
  }[kind];
  return (
    <Flex vertical gap={8} align="start" style={{ marginTop: 16 }} data-testid="same-lines">
      <Typography.Text type="secondary">{t("same")}</Typography.Text>
      <Segmented
        size="small"
        value={kind}
        onChange={setKind}
        options={KINDS.map((value) => ({ value, label: t(value) }))}
      />
      <div style={{ alignSelf: "stretch" }}>
        {kind === "curl" ? <Curl place={{ project, urn }} sent={sent} /> : <CopyLine text={text} />}
      </div>
      {(kind === "python" || kind === "node") && (
        <Typography.Text type="secondary">{t("keys", { line: "funcd credentials" })}</Typography.Text>
      )}
    </Flex>
  );
}

/** The gateway takes requests, at the URL of a trigger of this version or alias. */
function Curl({ place, sent }: { place: Place; sent: Called["sent"] }) {
  const { t } = useTranslation("invoke");
  const triggers = useQuery(functionTriggers(place));
  const url = triggers.data?.[0]?.event_data?.invoke_url;
  if ("event" in sent) return <Typography.Text type="secondary">{t("noRequest")}</Typography.Text>;
  return url ? (
    <CopyLine text={curlLine(url, sent)} />
  ) : (
    <Typography.Text type="secondary">{t("noUrl")}</Typography.Text>
  );
}
