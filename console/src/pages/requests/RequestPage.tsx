import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { Alert, Breadcrumb, Card, Descriptions, Flex, Result, Skeleton, Tag, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { requestRecord } from "../../api/function";
import type { RequestRecord } from "../../api/stream";
import { ErrorNote } from "../../shared/ErrorNote";
import { bytes, moment } from "../../shared/format";
import { useProject } from "../../shell/project";
import { Waterfall } from "../function/Waterfall";
import { LogView } from "../logs/LogView";
import { Headers } from "./Headers";
import { Replay } from "./Replay";
import { Status } from "./RequestTable";

/** One request: where its time went, what was printed meanwhile, and the same once more. */
export default function RequestPage() {
  const { t } = useTranslation("requests");
  const project = useProject();
  const { app, name, id } = useParams({ from: "/observe/requests/$app/$name/$id" });
  const found = useQuery(requestRecord({ project, urn: `${app}:${name}` }, id));
  return (
    <Flex vertical gap={16}>
      <Breadcrumb
        items={[
          { title: <Link to="/requests">{t("requests", { ns: "shell" })}</Link> },
          {
            title: (
              <Link to="/functions/$app/$name/$tab" params={{ app, name, tab: "overview" }}>
                {name}
              </Link>
            ),
          },
          { title: id.slice(0, 8) },
        ]}
      />
      {found.isError && <ErrorNote error={found.error} retry={found.refetch} />}
      {found.isPending && <Skeleton active />}
      {found.data === null && <Result status="404" title={t("gone")} subTitle={t("goneWhy")} />}
      {found.data && <Record of={found.data} />}
    </Flex>
  );
}

function Record({ of }: { of: RequestRecord }) {
  const { t } = useTranslation("requests");
  return (
    <>
      <Flex gap={10} align="center" wrap>
        <Status of={of} />
        <Typography.Title level={1} className="mono break" style={{ fontSize: 18, margin: 0 }}>
          {of.method} {of.path}
        </Typography.Title>
        <Tag variant="outlined">{t(of.timings.boot_us > 0 ? "isCold" : "isWarm")}</Tag>
      </Flex>
      {of.error && <Alert type="error" showIcon title={<span className="mono">{of.error}</span>} />}
      <Flex gap={16} wrap align="stretch">
        <Card size="small" style={{ flex: "1 1 360px", minWidth: 0 }}>
          <Waterfall timings={of.timings} source={of.source} />
        </Card>
        <Card size="small" style={{ flex: "1 1 360px", minWidth: 0 }}>
          <Facts of={of} />
        </Card>
      </Flex>
      <Alert type="info" showIcon title={t("notKept")} />
      <Card size="small" title={t("log")}>
        <LogView fixed={{ function: of.function, request_id: of.request_id }} height="30vh" />
      </Card>
      <Card size="small" title={t("title", { ns: "headers" })}>
        <Headers of={of} />
      </Card>
      <Card size="small" title={t("replay")}>
        <Replay of={of} />
      </Card>
    </>
  );
}

/** The instance that served it, whose whole log is in the function's. */
function InstanceLog({ of }: { of: RequestRecord }) {
  const [app = "", name = ""] = of.function.split(":").slice(5, 7);
  return (
    <Link
      to="/functions/$app/$name/$tab"
      params={{ app, name, tab: "logs" }}
      search={{ instance: of.instance ?? "" }}
      className="mono break"
    >
      {of.instance}
    </Link>
  );
}

function Facts({ of }: { of: RequestRecord }) {
  const { t, i18n } = useTranslation("requests");
  return (
    <Descriptions
      size="small"
      column={1}
      items={[
        {
          key: "id",
          label: t("requestId", { ns: "common" }),
          children: (
            <Typography.Text className="mono break" copyable>
              {of.request_id}
            </Typography.Text>
          ),
        },
        { key: "started", label: t("started"), children: moment(of.started, i18n.language) },
        { key: "version", label: t("version"), children: `${of.version} (${t("revision", { count: of.revision })})` },
        { key: "instance", label: t("instance"), children: of.instance ? <InstanceLog of={of} /> : t("noInstance") },
        { key: "source", label: t("source"), children: t(of.source === "gateway" ? "byGateway" : "byApi") },
        { key: "in", label: t("in"), children: bytes(of.request_bytes) },
        { key: "out", label: t("out"), children: bytes(of.response_bytes) },
        { key: "memory", label: t("memory"), children: bytes(of.memory_bytes) },
      ]}
    />
  );
}
