import { useQuery } from "@tanstack/react-query";
import {
  Alert,
  Button,
  Card,
  Descriptions,
  Flex,
  Progress,
  Skeleton,
  Table,
  type TableColumnsType,
  Tag,
  Typography,
} from "antd";
import { useTranslation } from "react-i18next";
import { doctor, type Finding, type Node, nodes, type Space } from "../../api/system";
import { WRONG } from "../../shared/colours";
import { ErrorNote } from "../../shared/ErrorNote";
import { bytes, moment } from "../../shared/format";
import { SameAs } from "../../shared/SameAs";
import { useProject } from "../../shell/project";

/** The machine, and what it can and cannot guarantee. */
export function Machine() {
  const project = useProject();
  const machines = useQuery(nodes(project));
  return (
    <Flex vertical gap={16}>
      {machines.isError && <ErrorNote error={machines.error} retry={machines.refetch} />}
      {machines.isPending && <Skeleton active />}
      {machines.data?.nodes.map((node) => (
        <NodeCard key={node.name} node={node} />
      ))}
      <Doctor />
      <SameAs cli="sudo funcd doctor" rest={{ method: "GET", path: `/v2/${project}/funcd/doctor` }} />
    </Flex>
  );
}

function NodeCard({ node }: { node: Node }) {
  const { t, i18n } = useTranslation("system");
  const load = node.load?.map((one) => one.toFixed(2)).join(" · ");
  return (
    <Card size="small" title={<span className="mono break">{node.name}</span>}>
      <Flex gap={24} wrap>
        <Descriptions
          size="small"
          column={1}
          style={{ flex: "1 1 320px", minWidth: 0 }}
          items={[
            { key: "version", label: "funcd", children: node.version },
            { key: "started", label: t("started"), children: moment(node.started, i18n.language) },
            { key: "kernel", label: t("kernel"), children: node.kernel },
            { key: "cpus", label: t("processors"), children: node.processors },
            ...(load ? [{ key: "load", label: t("load"), children: load }] : []),
          ]}
        />
        <Flex vertical gap={10} style={{ flex: "1 1 320px", minWidth: 0 }}>
          {node.memory && <Used label={t("memory")} space={node.memory} />}
          {node.swap ? (
            <Used label={t("swap")} space={node.swap} />
          ) : (
            <Typography.Text type="secondary">{t("noSwap")}</Typography.Text>
          )}
          {node.disk && <Used label={t("disk")} space={node.disk} />}
        </Flex>
      </Flex>
    </Card>
  );
}

function Used({ label, space }: { label: string; space: Space }) {
  const { t } = useTranslation("system");
  const percent = space.total > 0 ? Math.round((100 * (space.total - space.free)) / space.total) : 0;
  return (
    <div>
      <Flex justify="space-between" gap={8} wrap>
        <span>{label}</span>
        <Typography.Text type="secondary">
          {t("freeOf", { free: bytes(space.free), total: bytes(space.total) })}
        </Typography.Text>
      </Flex>
      <Progress percent={percent} size="small" status={percent >= 90 ? "exception" : "normal"} aria-label={label} />
    </div>
  );
}

const COLOURS = { ok: "success", degraded: "default", missing: WRONG } as const;
const ORDER = { missing: 0, degraded: 1, ok: 2 } as const;
type Verdict = keyof typeof ORDER;

function Doctor() {
  const { t } = useTranslation("system");
  const found = useQuery(doctor(useProject()));
  const columns: TableColumnsType<Finding> = [
    { title: t("what"), dataIndex: "name" },
    {
      title: t("verdict"),
      key: "verdict",
      filters: (Object.keys(ORDER) as Verdict[]).map((value) => ({ text: t(`verdicts.${value}`), value })),
      onFilter: (value, one) => one.verdict === value,
      sorter: (a, b) => ORDER[a.verdict] - ORDER[b.verdict],
      render: (_, one) => (
        <Tag color={COLOURS[one.verdict]} variant={one.verdict === "degraded" ? "outlined" : "solid"}>
          {t(`verdicts.${one.verdict}`)}
        </Tag>
      ),
    },
    {
      title: t("found"),
      key: "found",
      render: (_, one) => (
        <Flex vertical>
          <span className="break">{one.found}</span>
          {one.remedy && (
            <Typography.Text type="secondary" className="break">
              → {one.remedy}
            </Typography.Text>
          )}
        </Flex>
      ),
    },
  ];
  // A runtime that is not there is no fault; the next tab has them.
  const findings = found.data?.findings.filter((one) => !one.name.startsWith("runtime ")) ?? [];
  const broken = findings.filter((one) => one.required && one.verdict === "missing");
  return (
    <>
      {found.isError && <ErrorNote error={found.error} retry={found.refetch} />}
      {broken.length > 0 && <Alert type="error" showIcon title={t("broken")} />}
      <Table<Finding>
        size="small"
        rowKey="name"
        columns={columns}
        dataSource={findings}
        loading={found.isFetching}
        pagination={false}
        scroll={{ x: 560 }}
        title={() => (
          <Flex justify="space-between" align="center" gap={8} wrap>
            <strong>{t("doctor")}</strong>
            <Button onClick={() => found.refetch()}>{t("again")}</Button>
          </Flex>
        )}
      />
    </>
  );
}
