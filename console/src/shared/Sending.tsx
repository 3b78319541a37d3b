import { useBlocker } from "@tanstack/react-router";
import { Button, Flex, Progress, Typography } from "antd";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Call, type Sent, send } from "../api/call";
import { bytes } from "./format";

/** The reason of a call that somebody gave up. */
export class Cancelled extends Error {}

/** A call that may have a package in it, and how far it is. */
export interface Upload {
  /** How much has gone; undefined while no package is sent. */
  sent: Sent | undefined;
  /** Sends it. One that is cancelled throws `Cancelled`. */
  run: <T>(call: Call<T>) => Promise<T>;
  cancel: () => void;
}

/** Sends packages, which takes time. Whoever leaves the page meanwhile is warned, as it ends the sending. */
export function useUpload(): Upload {
  const { t } = useTranslation();
  const [sent, setSent] = useState<Sent>();
  const under = useRef<AbortController>(undefined);
  const cancel = () => under.current?.abort(new Cancelled());
  useEffect(() => () => under.current?.abort(new Cancelled()), []);
  const isUnderWay = () => under.current !== undefined;
  useBlocker({
    shouldBlockFn: () => isUnderWay() && !window.confirm(t("upload.leave")),
    enableBeforeUnload: isUnderWay,
  });
  const run = async <T,>(call: Call<T>): Promise<T> => {
    const own = new AbortController();
    try {
      return await send(call, own.signal, (now) => {
        under.current = own;
        setSent(now);
      });
    } finally {
      under.current = undefined;
      setSent(undefined);
    }
  };
  return { sent, run, cancel };
}

/** A dialog stays open while it sends a package: what ends that is the button beside its bar. */
export const whileSending = ({ sent }: Upload) => {
  const closable = sent === undefined;
  return { closable, keyboard: closable, mask: { closable }, cancelButtonProps: { disabled: !closable } };
};

/** How far a package is. What has arrived whole cannot be cancelled any more. */
export function Sending({ of: { sent, cancel } }: { of: Upload }) {
  const { t } = useTranslation();
  if (!sent) return null;
  const arrived = sent.bytes >= sent.total;
  return (
    <Flex vertical gap={4} data-testid="sending">
      <Progress
        percent={Math.floor((100 * sent.bytes) / sent.total)}
        status="active"
        aria-label={t("upload.sending")}
      />
      <Flex gap={12} align="center" wrap>
        <Typography.Text>
          {arrived ? t("upload.arrived") : t("upload.sent", { bytes: bytes(sent.bytes), total: bytes(sent.total) })}
        </Typography.Text>
        {/* The form around it is closed meanwhile. */}
        <Button size="small" disabled={arrived} onClick={cancel}>
          {t("upload.cancel")}
        </Button>
      </Flex>
    </Flex>
  );
}
