import { Alert, Flex, Tag } from "antd";
import { useTranslation } from "react-i18next";
import { WRONG } from "./colours";
import { ErrorNote } from "./ErrorNote";
import type { Stream } from "./useStream";

/** How a stream is doing, in words. */
export function StreamState<T>({ of }: { of: Stream<T> }) {
  const { t } = useTranslation();
  if (of.refused) return <ErrorNote error={of.refused} />;
  return (
    <Flex vertical gap={8} aria-live="polite">
      {of.lost && <Alert type="warning" showIcon title={t("stream.lost")} data-testid="stream-lost" />}
      {of.gap && <Alert type="warning" showIcon title={t("stream.gap")} />}
      {of.cut && <Alert type="info" showIcon title={t("stream.cut")} />}
    </Flex>
  );
}

/** Whether what is shown is what happens now. */
export function LiveTag({ of }: { of: Pick<Stream<unknown>, "lost" | "pending" | "refused"> }) {
  const { t } = useTranslation();
  const live = !of.lost && !of.pending && !of.refused;
  return (
    <Tag color={live ? "success" : WRONG} variant="solid" data-testid="live">
      {t(live ? "stream.live" : "stream.waiting")}
    </Tag>
  );
}
