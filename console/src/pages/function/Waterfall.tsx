import { Flex, Tooltip, Typography, theme } from "antd";
import { useTranslation } from "react-i18next";
import type { components } from "../../generated/funcd";
import { micros } from "../../shared/format";

type Timings = components["schemas"]["FuncdTimings"];

/** Where the time of one request went. */
export function Waterfall({ timings }: { timings: Timings }) {
  const { t } = useTranslation("fn");
  const { token } = theme.useToken();
  const { queue_us, sandbox_us, boot_us, thaw_us, first_byte_us, total_us } = timings;
  const wait = Math.max(0, queue_us - sandbox_us - boot_us - thaw_us);
  const answered = queue_us + first_byte_us;
  const phases = [
    { label: t("test.wait"), from: 0, time: wait, color: token.colorTextQuaternary },
    { label: t("test.sandbox"), from: wait, time: sandbox_us, color: token.purple },
    { label: t("test.boot"), from: wait + sandbox_us, time: boot_us, color: token.blue },
    { label: t("test.thaw"), from: wait + sandbox_us + boot_us, time: thaw_us, color: token.cyan },
    { label: t("test.run"), from: queue_us, time: first_byte_us, color: token.green },
    { label: t("test.rest"), from: answered, time: Math.max(0, total_us - answered), color: token.gold },
  ].filter((phase) => phase.time > 0);
  const whole = Math.max(1, total_us);
  return (
    <figure style={{ margin: 0 }} aria-label={t("test.timings")}>
      <Typography.Text type="secondary">
        {t("test.timings")} · {micros(total_us)}
      </Typography.Text>
      {phases.map(({ label, from, time, color }) => (
        <Flex key={label} align="center" gap={8} style={{ marginTop: 4 }}>
          <Typography.Text style={{ flex: "0 0 42%", fontSize: 12 }} ellipsis={{ tooltip: label }}>
            {label}
          </Typography.Text>
          <Tooltip title={micros(time)}>
            <div style={{ flex: 1, background: token.colorFillQuaternary, borderRadius: 3, height: 12 }}>
              <div
                style={{
                  background: color,
                  borderRadius: 3,
                  height: "100%",
                  marginInlineStart: `${(100 * from) / whole}%`,
                  minWidth: 2,
                  width: `${(100 * time) / whole}%`,
                }}
              />
            </div>
          </Tooltip>
          <Typography.Text className="mono" style={{ flex: "0 0 72px", fontSize: 12, textAlign: "end" }}>
            {micros(time)}
          </Typography.Text>
        </Flex>
      ))}
    </figure>
  );
}
