import { Col, Row, Skeleton, Typography, theme } from "antd";
import { lazy, Suspense, useId, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { History } from "../../api/history";
import { bytes, micros } from "../../shared/format";
import { columns, type Value } from "./series";

/** Charts come when somebody looks at one. */
const Plot = lazy(() => import("./Plot"));

type Colour = "blue" | "red" | "gold" | "purple" | "green" | "cyan";

interface Series {
  label: Label;
  colour: Colour;
  value: Value;
}

type Label =
  | "calls"
  | "functionErrors"
  | "systemErrors"
  | "throttles"
  | "refused"
  | "p50"
  | "p95"
  | "p99"
  | "coldStarts"
  | "onDemand"
  | "reserved"
  | "concurrency"
  | "memoryMean"
  | "memoryMost";

interface Kind {
  title: "calls" | "errors" | "latency" | "coldStarts" | "instances" | "memory";
  bars?: boolean;
  unit: keyof typeof FORMATS;
  series: Series[];
}

const whole = (value: number) => (Number.isInteger(value) ? String(value) : value.toFixed(1));
const time = (value: number) => micros(Math.round(value));

const FORMATS = { count: whole, time, bytes };

const KINDS: Kind[] = [
  {
    title: "calls",
    bars: true,
    unit: "count",
    series: [{ label: "calls", colour: "blue", value: (point) => point.calls }],
  },
  {
    title: "errors",
    unit: "count",
    series: [
      { label: "functionErrors", colour: "red", value: (point) => point.function_errors },
      { label: "systemErrors", colour: "purple", value: (point) => point.system_errors },
      { label: "throttles", colour: "gold", value: (point) => point.throttles },
      { label: "refused", colour: "cyan", value: (point) => point.refused },
    ],
  },
  {
    title: "latency",
    unit: "time",
    series: [
      { label: "p50", colour: "green", value: (point) => point.latency?.p50_us },
      { label: "p95", colour: "gold", value: (point) => point.latency?.p95_us },
      { label: "p99", colour: "red", value: (point) => point.latency?.p99_us },
    ],
  },
  {
    title: "coldStarts",
    bars: true,
    unit: "count",
    series: [{ label: "coldStarts", colour: "cyan", value: (point) => point.cold_starts }],
  },
  {
    title: "instances",
    unit: "count",
    series: [
      { label: "onDemand", colour: "blue", value: (point) => point.instances?.on_demand },
      { label: "reserved", colour: "purple", value: (point) => point.instances?.reserved },
      { label: "concurrency", colour: "gold", value: (point) => point.instances?.concurrency },
    ],
  },
  {
    title: "memory",
    unit: "bytes",
    series: [
      { label: "memoryMean", colour: "green", value: (point) => point.memory?.mean },
      { label: "memoryMost", colour: "red", value: (point) => point.memory?.most },
    ],
  },
];

interface Props {
  of: History;
  onZoom: (from: number, to: number) => void;
}

/** Each chart of the page. */
export function Charts(props: Props) {
  return (
    <Row gutter={[24, 24]}>
      {KINDS.map((kind) => (
        <Col key={kind.title} xs={24} xl={12}>
          <Chart kind={kind} {...props} />
        </Col>
      ))}
    </Row>
  );
}

function Chart({ kind, of, onZoom }: Props & { kind: Kind }) {
  const { t, i18n } = useTranslation("monitor");
  const { token } = theme.useToken();
  const title = useId();
  const data = useMemo(
    () =>
      columns(
        of,
        kind.series.map(({ value }) => value),
      ),
    [of, kind],
  );
  return (
    <figure style={{ margin: 0 }} aria-labelledby={title}>
      <Typography.Title level={2} id={title} style={{ fontSize: 15, margin: 0 }}>
        {t(`title.${kind.title}`)}
      </Typography.Title>
      <Suspense fallback={<Skeleton active />}>
        <Plot
          data={data}
          lines={kind.series.map(({ label, colour }) => ({ label: t(`line.${label}`), colour: token[colour] }))}
          format={FORMATS[kind.unit]}
          unit={kind.unit}
          step={of.step}
          bars={kind.bars ?? false}
          language={i18n.language}
          time={t("time")}
          onZoom={onZoom}
        />
      </Suspense>
    </figure>
  );
}
