import { Col, Row, Statistic } from "antd";
import { useTranslation } from "react-i18next";
import type { History, HistoryPoint } from "../../api/history";
import { bytes, micros } from "../../shared/format";
import { most, total } from "./series";

const errors = (point: HistoryPoint) => point.function_errors + point.system_errors;

/** The whole time in numbers; what nobody measured has none. */
export function Sums({ of }: { of: History }) {
  const { t, i18n } = useTranslation("monitor");
  const locale = i18n.language === "zh" ? "zh-CN" : "en-GB";
  const count = (value: number | undefined) => value?.toLocaleString(locale) ?? "–";
  const shown = (value: number | undefined, format: (value: number) => string) =>
    value === undefined ? "–" : format(value);
  const sums = [
    { title: t("sum.calls"), value: count(total(of, (point) => point.calls)) },
    { title: t("sum.errors"), value: count(total(of, errors)) },
    { title: t("sum.throttles"), value: count(total(of, (point) => point.throttles)) },
    { title: t("sum.coldStarts"), value: count(total(of, (point) => point.cold_starts)) },
    {
      title: t("sum.p99"),
      value: shown(
        most(of, (point) => point.latency?.p99_us),
        micros,
      ),
    },
    { title: t("sum.instances"), value: count(most(of, (point) => point.instances && all(point.instances))) },
    {
      title: t("sum.memory"),
      value: shown(
        most(of, (point) => point.memory?.most),
        bytes,
      ),
    },
    {
      title: t("sum.gbs"),
      value: shown(
        total(of, (point) => point.gb_seconds),
        (value) => value.toFixed(3),
      ),
    },
  ];
  return (
    <Row gutter={[16, 12]} data-testid="sums">
      {sums.map(({ title, value }) => (
        <Col key={title} xs={12} sm={6} lg={3}>
          <Statistic title={title} value={value} styles={{ content: { fontSize: 20 } }} />
        </Col>
      ))}
    </Row>
  );
}

const all = (seen: { on_demand: number; reserved: number }) => seen.on_demand + seen.reserved;
