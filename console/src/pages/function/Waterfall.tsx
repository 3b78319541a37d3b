import { Flex, Tooltip, Typography, theme } from "antd";
import { useTranslation } from "react-i18next";
import { type Timings, whole } from "../../rules/timings";
import { micros } from "../../shared/format";

interface Props {
  timings: Timings;
  /** Who asked the function: `gateway` or `api`. */
  source: string;
}

/** Where the time of one request went. */
export function Waterfall({ timings, source }: Props) {
  const { t } = useTranslation("fn");
  const { token } = theme.useToken();
  const { gateway_us, queue_us, sandbox_us, boot_us, thaw_us, first_byte_us } = timings;
  const wait = Math.max(0, queue_us - sandbox_us - boot_us - thaw_us);
  const arrived = gateway_us;
  const awake = arrived + queue_us;
  const answered = awake + first_byte_us;
  const all = whole(timings);
  const phases = [
    { label: t(source === "api" ? "test.api" : "test.gateway"), from: 0, time: gateway_us, color: token.magenta },
    { label: t("test.wait"), from: arrived, time: wait, color: token.colorTextQuaternary },
    { label: t("test.sandbox"), from: arrived + wait, time: sandbox_us, color: token.purple },
    { label: t("test.boot"), from: arrived + wait + sandbox_us, time: boot_us, color: token.blue },
    { label: t("test.thaw"), from: arrived + wait + sandbox_us + boot_us, time: thaw_us, color: token.cyan },
    { label: t("test.run"), from: awake, time: first_byte_us, color: token.green },
    { label: t("test.rest"), from: answered, time: Math.max(0, all - answered), color: token.gold },
  ].filter((phase) => phase.time > 0);
  const width = Math.max(1, all);
  return (
    <figure style={{ margin: 0 }} aria-label={t("test.timings")}>
      <Typography.Text type="secondary">
        {t("test.timings")} · {micros(all)}
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
                  marginInlineStart: `${(100 * from) / width}%`,
                  minWidth: 2,
                  width: `${(100 * time) / width}%`,
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
