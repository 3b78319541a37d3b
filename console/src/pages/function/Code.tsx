import { CloudUploadOutlined, DiffOutlined, DownloadOutlined, RocketOutlined } from "@ant-design/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useBlocker, useParams } from "@tanstack/react-router";
import { Alert, App, Button, Flex, Modal, Spin, Typography } from "antd";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Code as Deployed, deployCode, download, functionCode } from "../../api/function";
import { deployCommand } from "../../rules/command";
import { draftFiles } from "../../rules/differences";
import { type Draft, equal, open, pack, rebase } from "../../rules/edits";
import { inspect } from "../../rules/package";
import { ErrorNote } from "../../shared/ErrorNote";
import { FileDiffs } from "../../shared/FileDiffs";
import { canBeSent, type Package, PackageDrop, useProblemText } from "../../shared/PackageDrop";
import { SameAs } from "../../shared/SameAs";
import { Sending, useUpload, whileSending } from "../../shared/Sending";
import { Conflict } from "./Conflict";
import { usePlace } from "./place";
import { EDITOR_HINT, Workbench } from "./Workbench";

/** The deployed package, its text files to edit, and other packages to deploy. */
export default function Code() {
  const { t } = useTranslation("fn");
  const { project, urn } = usePlace();
  const place = useMemo(() => ({ project, urn }), [project, urn]);
  const code = useQuery({ ...functionCode(place), refetchOnWindowFocus: false });
  const zip = useQuery({
    // The package is what its digest says, for ever.
    queryKey: ["package", urn, code.data?.digest],
    queryFn: async () => ({ zip: await download(code.data as Deployed), digest: code.data?.digest ?? "" }),
    enabled: code.isSuccess,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    // What was deployed stays open until the next is there.
    placeholderData: (before, query) => (query?.queryKey[1] === urn ? before : undefined),
  });
  if (code.isError) return <ErrorNote error={code.error} retry={code.refetch} />;
  if (zip.isError) return <ErrorNote error={zip.error} retry={code.refetch} />;
  if (!zip.data || !code.data) return <Spin description={t("code.loading")} />;
  return <Opened key={urn} {...zip.data} filename={code.data.code_filename || "code.zip"} />;
}

function Opened({ zip, digest, filename }: { zip: Uint8Array; digest: string; filename: string }) {
  const { t } = useTranslation("fn");
  const { draft, setDraft, discards, discard, sent, base } = useDraft(zip, digest);
  const deploy = useDeploy(filename);
  const count = draft?.changed.size ?? 0;
  useStaying(count, deploy.isPending);
  const save = () => {
    if (!draft || count === 0 || deploy.isPending) return;
    sent.current = pack(draft);
    deploy.mutate({ zip: new Blob([sent.current]), onto: base });
  };
  const overwrite = () => sent.current && deploy.mutate({ zip: new Blob([sent.current]) });
  useSaveKey(save);
  const [comparing, setComparing] = useState(false);
  const wrong = useWrong(draft, count);
  const problem = useProblemText();
  return (
    <Flex vertical gap={12}>
      <Flex gap={8} wrap align="center">
        <Button
          type="primary"
          icon={<RocketOutlined />}
          disabled={count === 0 || wrong.length > 0}
          loading={deploy.isPending}
          onClick={save}
        >
          {t("code.deploy")}
        </Button>
        {count > 0 && (
          <>
            <Typography.Text>{t("code.changed", { count })}</Typography.Text>
            <Button icon={<DiffOutlined />} onClick={() => setComparing(true)}>
              {t("code.compare")}
            </Button>
            <Button onClick={discard}>{t("code.discard")}</Button>
          </>
        )}
        <Typography.Text type="secondary" id={EDITOR_HINT}>
          {t("code.deployHint")}
        </Typography.Text>
        <span className="grow" />
        <UploadZip />
        <Download zip={zip} filename={filename} />
      </Flex>
      {wrong.length > 0 && (
        <Alert type="error" showIcon title={t("code.fix")} description={wrong.map(problem).join(" ")} />
      )}
      <Sending of={deploy.upload} />
      {deploy.error instanceof Elsewhere && sent.current ? (
        <Conflict
          deployed={base === digest ? undefined : zip}
          own={sent.current}
          onOverwrite={overwrite}
          onReload={() => {
            deploy.reset();
            discard();
          }}
          onClose={deploy.reset}
        />
      ) : (
        deploy.isError && <ErrorNote error={deploy.error} />
      )}
      {draft ? (
        <Workbench key={discards} draft={draft} onChange={setDraft} onSave={save} />
      ) : (
        <Alert type="warning" showIcon title={t("code.unreadable")} />
      )}
      {count > 0 && <SameDeploy from="./my-app" filename={filename} />}
      {draft && comparing && (
        <Modal
          open
          width={900}
          title={t("code.compareTitle")}
          okText={t("code.deploy")}
          okButtonProps={{ disabled: count === 0 || wrong.length > 0 }}
          onOk={() => {
            setComparing(false);
            save();
          }}
          onCancel={() => setComparing(false)}
          styles={{ body: { maxHeight: "70vh", overflow: "auto" } }}
        >
          <FileDiffs files={draftFiles(draft)} />
          <SameDeploy from="./my-app" filename={filename} />
        </Modal>
      )}
    </Flex>
  );
}

/** The deployed package with what was changed here, the digest of the package that was changed, and what was sent last. */
function useDraft(zip: Uint8Array, digest: string) {
  const opened = useMemo(() => {
    try {
      return open(zip);
    } catch {
      return undefined;
    }
  }, [zip]);
  const [draft, setDraft] = useState(opened);
  const [discards, setDiscards] = useState(0);
  const sent = useRef<Uint8Array<ArrayBuffer>>(undefined);
  const [of, setOf] = useState(opened);
  // What the draft was begun from, which is not always what is deployed now.
  const [base, setBase] = useState(digest);
  if (of !== opened || (base !== digest && draft?.changed.size === 0)) {
    setOf(opened);
    // Who deployed what is in the editor goes on with it; what was deployed otherwise is opened anew, unless something would be lost.
    const own = draft && opened && sent.current !== undefined && equal(sent.current, zip);
    if (own || !draft || draft.changed.size === 0) {
      setDraft(own ? rebase(draft, opened) : opened);
      setBase(digest);
      if (!own) setDiscards(discards + 1);
    }
  }
  const discard = () => {
    setDraft(opened);
    setBase(digest);
    setDiscards(discards + 1);
  };
  return { draft, setDraft, discards, discard, sent, base };
}

/** Whoever leaves is asked while there is something to lose; what is being sent asks by itself. */
function useStaying(changes: number, sends: boolean) {
  const { t } = useTranslation("fn");
  const asks = changes > 0 && !sends;
  useBlocker({ shouldBlockFn: () => asks && !window.confirm(t("code.discard")), enableBeforeUnload: asks });
}

/** Ctrl-S deploys wherever the keys are on this tab; the editor takes it itself. */
function useSaveKey(save: () => void) {
  const { tab } = useParams({ from: "/functions/$app/$name/$tab" });
  const latest = useRef(save);
  latest.current = save;
  useEffect(() => {
    if (tab !== "code") return undefined;
    const press = (event: KeyboardEvent) => {
      const isSave = (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "s";
      if (!isSave || event.defaultPrevented) return;
      event.preventDefault();
      latest.current();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [tab]);
}

/** What the rules for packages say of the draft, so that a removed `bootstrap` is told before it is deployed. */
function useWrong(draft: Draft | undefined, count: number) {
  const touched = draft && count > 0 && (draft.changed.has("bootstrap") || [...draft.changed.values()].includes(null));
  return useMemo(() => (draft && touched ? inspect(pack(draft)).problems : []), [draft, touched]);
}

/** A package, and the digest of the one that it was made from, where that must be the deployed one still. */
interface Deploy {
  zip: Blob;
  onto?: string;
}

/** What is deployed is not what the changes were made to. */
class Elsewhere extends Error {}

function useDeploy(filename: string, onDone?: () => void) {
  const { t } = useTranslation("fn");
  const { project, urn } = usePlace();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const upload = useUpload();
  // What was deployed here may be deployed upon before the page has fetched it.
  const last = useRef<string>(undefined);
  const deploy = useMutation({
    mutationFn: async ({ zip, onto }: Deploy) => {
      const now = onto && (await queries.fetchQuery({ ...functionCode({ project, urn }), staleTime: 0 }));
      if (now && now.digest !== onto && now.digest !== last.current) throw new Elsewhere();
      last.current = (await upload.run(deployCode({ project, urn }, zip, filename))).digest;
    },
    onSuccess: async () => {
      message.success(t("code.deployed"));
      onDone?.();
      await Promise.all([["function"], ["functions"]].map((queryKey) => queries.invalidateQueries({ queryKey })));
    },
  });
  return { ...deploy, upload };
}

/** The request with the package left out, and the command for the folder or zip. */
function SameDeploy({ from, filename }: { from: string; filename: string }) {
  const { project, urn } = usePlace();
  return <SameAs cli={deployCommand(from, urn)} rest={deployCode({ project, urn }, undefined, filename)} />;
}

function UploadZip() {
  const { t } = useTranslation("fn");
  const [asking, setAsking] = useState(false);
  const [file, setFile] = useState<Package>();
  const done = () => {
    setAsking(false);
    setFile(undefined);
  };
  const deploy = useDeploy(file?.name ?? "code.zip", done);
  return (
    <>
      <Button icon={<CloudUploadOutlined />} onClick={() => setAsking(true)}>
        {t("code.upload")}
      </Button>
      <Modal
        open={asking}
        title={t("code.uploadTitle")}
        okText={t("code.deploy")}
        okButtonProps={{ disabled: !file || !canBeSent(file.look) || deploy.isPending }}
        {...whileSending(deploy.upload)}
        onCancel={done}
        onOk={() => file && deploy.mutate({ zip: file.content })}
        destroyOnHidden
      >
        <Typography.Paragraph type="secondary">{t("code.uploadText")}</Typography.Paragraph>
        <PackageDrop value={file} onChange={setFile} />
        <Sending of={deploy.upload} />
        {deploy.isError && <ErrorNote error={deploy.error} />}
        <SameDeploy from={file?.name ?? "code.zip"} filename={file?.name ?? "code.zip"} />
      </Modal>
    </>
  );
}

function Download({ zip, filename }: { zip: Uint8Array; filename: string }) {
  const { t } = useTranslation("fn");
  const save = () => {
    const url = URL.createObjectURL(new Blob([zip.slice().buffer], { type: "application/zip" }));
    const link = document.createElement("a");
    link.href = url;
    link.download = filename;
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <Button icon={<DownloadOutlined />} onClick={save}>
      {t("code.download")}
    </Button>
  );
}
