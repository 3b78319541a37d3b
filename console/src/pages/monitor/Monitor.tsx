import { LeftOutlined, RightOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Empty, Flex, Segmented, Skeleton, Tooltip, Typography } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type History, history, type Span } from "../../api/history";
import { CopyLine } from "../../shared/CopyLine";
import { ErrorNote } from "../../shared/ErrorNote";
import { SameAs } from "../../shared/SameAs";
import { Charts } from "./Charts";
import { Sums } from "./Sums";

const HOUR = 3_600;
const DAY = 24 * HOUR;
const SPANS = { "15m": HOUR / 4, "1h": HOUR, "6h": 6 * HOUR, "1d": DAY, "7d": 7 * DAY, "31d": 31 * DAY };
const FIRST: Span = { seconds: HOUR };
/** The shortest time that is worth a look: points are a minute. */
const LEAST = 300;

interface Props {
  project: string;
  /** Name or URN; of all functions of the project without it. */
  fn?: string;
}

/** What requests came to over time. */
export function Monitor({ project, fn }: Props) {
  const { t } = useTranslation("monitor");
  const [span, setSpan] = useState(FIRST);
  const found = useQuery(history(project, fn, span));
  const zoom = (from: number, to: number) => {
    const seconds = Math.max(LEAST, Math.ceil(to - from));
    setSpan({ seconds, until: Math.ceil(to) * 1000 });
  };
  const query = new URLSearchParams({ ...(fn && { function: fn }), since: found.data?.since ?? "" });
  return (
    <Flex vertical gap={16}>
      <Range span={span} onChange={setSpan} />
      {found.isError && <ErrorNote error={found.error} retry={found.refetch} />}
      {found.isPending && <Skeleton active />}
      {found.data && <Shown of={found.data} onZoom={zoom} fn={fn} />}
      <SameAs
        {...(fn && { cli: `sudo funcd stats ${fn}` })}
        rest={{ method: "GET", path: `/v2/${project}/funcd/history?${query}` }}
      />
      <Typography.Text type="secondary">{t("kept")}</Typography.Text>
    </Flex>
  );
}

function Shown({ of, onZoom, fn }: { of: History; onZoom: (from: number, to: number) => void; fn?: string }) {
  const { t } = useTranslation("monitor");
  if (of.points.length === 0)
    return (
      <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t("nothing")}>
        <Flex vertical gap={8} align="center">
          {t("teach")}
          <CopyLine text={fn ? `sudo funcd show ${fn}` : "sudo funcd list"} />
        </Flex>
      </Empty>
    );
  return (
    <>
      <Sums of={of} />
      <Charts of={of} onZoom={onZoom} />
    </>
  );
}

function Range({ span, onChange }: { span: Span; onChange: (span: Span) => void }) {
  const { t } = useTranslation("monitor");
  const known = Object.entries(SPANS).find(([, seconds]) => seconds === span.seconds && span.until === undefined);
  const move = (direction: number) => {
    const until = (span.until ?? Date.now()) + direction * span.seconds * 1000;
    onChange(until >= Date.now() ? { seconds: span.seconds } : { seconds: span.seconds, until });
  };
  return (
    <Flex gap={8} wrap align="center">
      <Segmented
        aria-label={t("range")}
        options={Object.keys(SPANS).map((value) => ({ value, label: t(`span.${value as keyof typeof SPANS}`) }))}
        value={known?.[0] ?? ""}
        onChange={(value) => onChange({ seconds: SPANS[value as keyof typeof SPANS] })}
      />
      <Tooltip title={t("earlier")}>
        <Button icon={<LeftOutlined />} aria-label={t("earlier")} onClick={() => move(-1)} />
      </Tooltip>
      <Tooltip title={t("later")}>
        <Button
          icon={<RightOutlined />}
          aria-label={t("later")}
          disabled={span.until === undefined}
          onClick={() => move(1)}
        />
      </Tooltip>
      {!known && <Button onClick={() => onChange(FIRST)}>{t("reset")}</Button>}
      <Typography.Text type="secondary">{t("drag")}</Typography.Text>
    </Flex>
  );
}
