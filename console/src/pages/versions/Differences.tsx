import { useQueries } from "@tanstack/react-query";
import { Card, Flex, Skeleton, Spin, Table, Typography } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { type Code, download, functionCode, functionConfig, type Place } from "../../api/function";
import { files, settings } from "../../rules/differences";
import { ErrorNote } from "../../shared/ErrorNote";
import { FileDiffs } from "../../shared/FileDiffs";

interface Props {
  /** URNs with their versions. */
  from: string;
  to: string;
  project: string;
}

/** What is not the same in two versions: settings, and the text of files. */
export function Differences({ from, to, project }: Props) {
  const { t } = useTranslation("versions");
  const [before, after] = useQueries({ queries: [from, to].map((urn) => functionConfig({ project, urn })) });
  const failed = [before, after].find((one) => one?.isError);
  if (failed) return <ErrorNote error={failed.error} retry={failed.refetch} />;
  if (!before?.data || !after?.data) return <Skeleton active />;
  const differing = settings(before.data, after.data);
  const sameCode = before.data.digest === after.data.digest;
  return (
    <Flex vertical gap={12} data-testid="differences">
      <Card size="small" title={t("settings")} styles={{ body: { padding: differing.length > 0 ? 0 : 12 } }}>
        {differing.length === 0 ? (
          t("sameSettings")
        ) : (
          <Table
            size="small"
            rowKey="name"
            pagination={false}
            dataSource={differing}
            columns={[
              { title: t("setting"), key: "name", render: (_, one) => <code className="break">{one.name}</code> },
              { title: t("before"), key: "from", render: (_, one) => <Value text={one.from} /> },
              { title: t("after"), key: "to", render: (_, one) => <Value text={one.to} /> },
            ]}
          />
        )}
      </Card>
      <Card size="small" title={t("code")} styles={{ body: { padding: 12 } }}>
        {sameCode ? t("sameCode") : <Packages from={{ project, urn: from }} to={{ project, urn: to }} />}
      </Card>
    </Flex>
  );
}

function Value({ text }: { text: string | undefined }) {
  const { t } = useTranslation();
  if (text === undefined) return <Typography.Text type="secondary">{t("none")}</Typography.Text>;
  return <span className="mono break">{text}</span>;
}

function Packages({ from, to }: { from: Place; to: Place }) {
  const { t } = useTranslation("versions");
  const codes = useQueries({ queries: [from, to].map((place) => functionCode(place)) });
  const zips = useQueries({
    queries: codes.map(({ data }) => ({
      // The package is what its digest says, for ever.
      queryKey: ["package", data?.digest],
      queryFn: () => download(data as Code),
      enabled: data !== undefined,
      staleTime: Number.POSITIVE_INFINITY,
      gcTime: 60_000,
    })),
  });
  const [before, after] = zips.map((one) => one.data);
  const found = useMemo(() => {
    if (!before || !after) return undefined;
    try {
      return files(before, after);
    } catch {
      return "unreadable";
    }
  }, [before, after]);
  const failed = [...codes, ...zips].find((one) => one.isError);
  if (failed) return <ErrorNote error={failed.error} retry={failed.refetch} />;
  if (!found) return <Spin description={t("loadingCode")} />;
  if (found === "unreadable") return t("unreadable");
  if (found.length === 0) return t("sameCode");
  return <FileDiffs files={found} />;
}
