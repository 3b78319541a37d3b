import { EyeOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Flex, Form, InputNumber, Select, Tag, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { capture, captures, startCapture, stopCapture } from "../../api/headers";
import { nameOf } from "../../rules/urn";
import { FormButton } from "../../shared/FormButton";
import { moment } from "../../shared/format";
import { SendButton } from "../../shared/SendButton";
import { shell } from "../../shared/shell";
import { useProject } from "../../shell/project";

interface Fields {
  minutes: number;
  names: string[];
}

const CHANGED = [["headers"]];
const USUAL = 10;
const MOST = 60;
const NAMES = 32;

/** The name of a function as people say it, of `app:name` or a URN. */
const short = (fn: string) => (fn.startsWith("urn:") ? nameOf(fn).name : (fn.split(":").at(-1) ?? fn));
/** As the command line takes it. */
function word(fn: string): string {
  if (!fn.startsWith("urn:")) return shell(fn);
  const { app, name } = nameOf(fn);
  return shell(`${app}:${name}`);
}

/** Keeps headers of a function's next requests. */
export function StartCapture({ fn }: { fn: string }) {
  const { t } = useTranslation("headers");
  const project = useProject();
  const cli = ({ minutes, names }: Fields) => {
    const shown = (names ?? []).map((name) => ` --show ${shell(name)}`).join("");
    return `sudo funcd headers start ${word(fn)} --for ${minutes ?? USUAL}m${shown}`;
  };
  return (
    <FormButton<Fields, unknown>
      label={t("start")}
      title={t("startTitle", { name: short(fn) })}
      text={t("startText")}
      icon={<EyeOutlined />}
      initial={{ minutes: USUAL, names: [] }}
      request={({ minutes, names }) => {
        return startCapture({ project, urn: fn }, { seconds: (minutes ?? USUAL) * 60, names: names ?? [] });
      }}
      cli={cli}
      changed={CHANGED}
      done={t("started")}
      fields={
        <>
          <Form.Item name="minutes" label={t("minutes")} rules={[{ required: true }]}>
            <InputNumber min={1} max={MOST} precision={0} />
          </Form.Item>
          <Form.Item name="names" label={t("names")} extra={t("namesHint")}>
            <Select mode="tags" open={false} suffixIcon={null} maxCount={NAMES} tokenSeparators={[",", " "]} />
          </Form.Item>
        </>
      }
    />
  );
}

/** Ends it, and forgets what was kept. */
export function StopCapture({ fn }: { fn: string }) {
  const { t } = useTranslation("headers");
  const project = useProject();
  return (
    <SendButton
      label={t("stop")}
      title={t("stopTitle", { name: short(fn) })}
      text={t("stopText")}
      button={{ size: "small" }}
      call={stopCapture({ project, urn: fn })}
      cli={`sudo funcd headers stop ${word(fn)}`}
      changed={CHANGED}
      done={t("stopped")}
    />
  );
}

/** That headers are kept, of a function or of those of the project, where their requests are listed; nothing to who may not see them. */
export function CaptureState({ fn }: { fn: string | undefined }) {
  return fn ? <OfFunction fn={fn} /> : <OfProject />;
}

function OfFunction({ fn }: { fn: string }) {
  const { t, i18n } = useTranslation("headers");
  const project = useProject();
  const state = useQuery(capture({ project, urn: fn }));
  if (!state.data) return null;
  if (!state.data.running) {
    return (
      <div>
        <StartCapture fn={fn} />
      </div>
    );
  }
  return (
    <Flex gap={8} align="center" wrap data-testid="capture">
      <Tag icon={<EyeOutlined />} variant="outlined" style={{ whiteSpace: "normal" }}>
        {t("until", { ends: moment(state.data.ends, i18n.language), count: state.data.requests })}
      </Tag>
      {state.data.names.length > 0 && (
        <Typography.Text type="secondary" className="mono break">
          {state.data.names.join(", ")}
        </Typography.Text>
      )}
      <StopCapture fn={fn} />
    </Flex>
  );
}

function OfProject() {
  const { t, i18n } = useTranslation("headers");
  const project = useProject();
  const running = useQuery(captures(project)).data ?? [];
  return running.map((one) => (
    <Flex key={one.function} gap={8} align="center" wrap data-testid="capture">
      <Tag icon={<EyeOutlined />} variant="outlined" style={{ whiteSpace: "normal" }}>
        {t("of", { name: short(one.function), ends: moment(one.ends, i18n.language), count: one.requests })}
      </Tag>
      <StopCapture fn={one.function} />
    </Flex>
  ));
}
