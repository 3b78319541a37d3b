import { useQueryClient } from "@tanstack/react-query";
import { Button, Flex, Modal, Progress, Typography } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Call, send } from "../../api/call";
import { enableFunction } from "../../api/function";
import { deleteFunction, pinFunction, withoutVersion } from "../../api/functions";
import { SameAs, shell } from "../../shared/SameAs";
import { useLeaving } from "../../shared/useLeaving";
import { useProject } from "../../shell/project";

const ALL = ["pin", "unpin", "enable", "disable", "delete"] as const;
type What = (typeof ALL)[number];

/** What is sent for one function. */
function callOf(what: What, project: string, urn: string): Call {
  if (what === "delete") return deleteFunction(project, urn);
  if (what === "pin" || what === "unpin") return pinFunction(project, urn, what === "pin");
  return enableFunction({ project, urn: withoutVersion(urn) }, what === "enable");
}

/** The command for one function. */
export function command(what: What, urn: string): string {
  const [name, off] = [shell(nameOf(urn)), what === "unpin" ? " --off" : ""];
  if (what === "delete") return `sudo funcd delete ${name} --yes`;
  return `sudo funcd ${what === "unpin" ? "pin" : what} ${name}${off}`;
}

const nameOf = (urn: string) => urn.split(":").slice(5, 7).join(":");

/** What is done with all chosen functions: one after the other, each failure with its function. */
export function Bulk({ urns, onDone }: { urns: string[]; onDone: () => void }) {
  const { t } = useTranslation("functions");
  const [asked, ask] = useState<What>();
  if (urns.length === 0) return null;
  return (
    <Flex gap={8} wrap>
      {ALL.map((what) => (
        <Button key={what} danger={what === "delete"} onClick={() => ask(what)}>
          {t(what)} ({urns.length})
        </Button>
      ))}
      {asked && <Dialog key={asked} what={asked} urns={urns} onClose={() => ask(undefined)} onDone={onDone} />}
    </Flex>
  );
}

interface Props {
  what: What;
  urns: string[];
  onClose: () => void;
  onDone: () => void;
}

function Dialog({ what, urns, onClose, onDone }: Props) {
  const { t } = useTranslation("functions");
  const project = useProject();
  const queries = useQueryClient();
  const [done, setDone] = useState<number>();
  const [failed, setFailed] = useState<{ urn: string; why: string }[]>([]);
  const { leave, modal } = useLeaving(() => {
    onClose();
    if (done === urns.length && failed.length === 0) onDone();
  });
  const run = async () => {
    const wrong: typeof failed = [];
    for (const [at, urn] of urns.entries()) {
      setDone(at);
      try {
        await send(callOf(what, project, urn));
      } catch (error) {
        wrong.push({ urn, why: error instanceof Error ? error.message : String(error) });
        setFailed([...wrong]);
      }
    }
    setDone(urns.length);
    await queries.invalidateQueries({ queryKey: ["functions"] });
    if (wrong.length === 0) leave();
  };
  const count = urns.length;
  const running = done !== undefined && done < count;
  return (
    <Modal
      {...modal}
      title={t(`${what}Title`, { count })}
      okText={t(what)}
      okButtonProps={{ danger: what === "delete", disabled: done === count }}
      confirmLoading={running}
      closable={!running}
      keyboard={!running}
      mask={{ closable: !running }}
      cancelButtonProps={{ disabled: running }}
      onOk={run}
    >
      <Flex vertical gap={12}>
        <Typography.Text>{t(`${what}Text`)}</Typography.Text>
        {done === undefined ? (
          <Typography.Text type="secondary" className="break">
            {urns.map(nameOf).join(", ")}
          </Typography.Text>
        ) : (
          <Progress
            percent={Math.round((done / count) * 100)}
            format={() => `${done} / ${count}`}
            status={failed.length > 0 ? "exception" : undefined}
            aria-label={t(what)}
          />
        )}
        {failed.length > 0 && (
          <Flex vertical gap={4} role="alert">
            {failed.map(({ urn, why }) => (
              <Typography.Text key={urn} type="danger" className="break">
                {nameOf(urn)}: {why}
              </Typography.Text>
            ))}
          </Flex>
        )}
        <SameAs
          cli={urns.map((urn) => command(what, urn)).join("\n")}
          rest={urns.map((urn) => callOf(what, project, urn))}
        />
      </Flex>
    </Modal>
  );
}
