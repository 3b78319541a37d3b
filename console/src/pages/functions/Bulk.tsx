import { useQueryClient } from "@tanstack/react-query";
import { Button, Flex, Modal, Progress, Typography } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { setMaxInstances } from "../../api/function";
import { deleteFunction, withoutVersion } from "../../api/functions";
import { useProject } from "../../shell/project";

type What = "delete" | "disable" | "enable";
/** The vendor's default where a function that was disabled is enabled again. */
const INSTANCES = 400;

const nameOf = (urn: string) => urn.split(":").slice(5, 7).join(":");

/** What is done with all chosen functions: one after the other, each failure with its function. */
export function Bulk({ urns, onDone }: { urns: string[]; onDone: () => void }) {
  const { t } = useTranslation("functions");
  const [asked, ask] = useState<What>();
  if (urns.length === 0) return null;
  return (
    <Flex gap={8} wrap>
      {(["enable", "disable", "delete"] as const).map((what) => (
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
  const one = async (urn: string) => {
    if (what === "delete") return deleteFunction(project, urn);
    await setMaxInstances({ project, urn: withoutVersion(urn) }, what === "enable" ? INSTANCES : 0);
  };
  const run = async () => {
    const wrong: typeof failed = [];
    for (const [at, urn] of urns.entries()) {
      setDone(at);
      try {
        await one(urn);
      } catch (error) {
        wrong.push({ urn, why: error instanceof Error ? error.message : String(error) });
        setFailed([...wrong]);
      }
    }
    setDone(urns.length);
    await queries.invalidateQueries({ queryKey: ["functions"] });
    if (wrong.length > 0) return;
    onClose();
    onDone();
  };
  const count = urns.length;
  const running = done !== undefined && done < count;
  return (
    <Modal
      open
      title={t(`${what}Title`, { count })}
      okText={t(what)}
      okButtonProps={{ danger: what === "delete", disabled: done === count }}
      confirmLoading={running}
      closable={!running}
      cancelButtonProps={{ disabled: running }}
      onCancel={onClose}
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
      </Flex>
    </Modal>
  );
}
