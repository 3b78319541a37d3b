import { DeleteOutlined, FileAddOutlined } from "@ant-design/icons";
import { Button, Card, Empty, Flex, Form, Input, Modal, Tooltip, Tree, type TreeDataNode, Typography } from "antd";
import { type Key, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Draft, files, isFilePath, read, write } from "../../rules/edits";
import { asText } from "../../rules/zip";
import { bytes } from "../../shared/format";
import { Editor } from "./Editor";

/** Larger files are kept as they are. */
const EDITABLE = 512 * 1024;
/** The id of the text on keys, which is above the files. */
export const EDITOR_HINT = "editor-hint";
const START = ["index.js", "index.mjs", "main.py", "index.py", "app.py", "bootstrap"];

interface Props {
  draft: Draft;
  onChange: (draft: Draft) => void;
  onSave: () => void;
}

/** The files of a package and an editor for one of them. */
export function Workbench({ draft, onChange, onSave }: Props) {
  const { t } = useTranslation("fn");
  const names = useMemo(() => files(draft), [draft]);
  const [chosen, choose] = useState(() => START.find((name) => names.includes(name)) ?? names[0]);
  const tree = useMemo(() => nodes(names, draft), [names, draft]);
  const current = chosen && names.includes(chosen) ? chosen : undefined;
  return (
    <Flex gap={12} wrap align="stretch">
      <Card
        size="small"
        title={t("code.files")}
        style={{ flex: "1 1 220px", minWidth: 0, maxWidth: 420 }}
        extra={
          <NewFile
            names={names}
            onNew={(name) => {
              onChange(write(draft, name, new Uint8Array()));
              choose(name);
            }}
          />
        }
        styles={{ body: { maxHeight: "62vh", overflow: "auto", padding: 8 } }}
      >
        <Tree.DirectoryTree
          treeData={tree}
          defaultExpandAll={names.length < 60}
          selectedKeys={current ? [current] : []}
          onSelect={(keys: Key[], { node }) => node.isLeaf && choose(String(keys[0]))}
        />
      </Card>
      <Card
        size="small"
        style={{ flex: "4 1 420px", minWidth: 0 }}
        title={<span className="mono break">{current}</span>}
        extra={
          current && (
            <Tooltip title={t("code.deleteFile")}>
              <Button
                type="text"
                icon={<DeleteOutlined />}
                aria-label={t("code.deleteFile")}
                onClick={() => onChange(write(draft, current, null))}
              />
            </Tooltip>
          )
        }
        styles={{ body: { padding: 0 } }}
      >
        {current ? (
          <File key={current} name={current} draft={draft} onChange={onChange} onSave={onSave} />
        ) : (
          <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t("code.choose")} />
        )}
      </Card>
    </Flex>
  );
}

function File({ name, draft, onChange, onSave }: Props & { name: string }) {
  const { t } = useTranslation("fn");
  const content = useMemo(() => read(draft, name), [draft, name]);
  const text = content && content.length <= EDITABLE ? asText(content) : undefined;
  if (text === undefined) {
    const size = bytes(content?.length ?? 0);
    const why = (content?.length ?? 0) > EDITABLE ? "code.large" : "code.binary";
    return <Typography.Paragraph style={{ padding: 16 }}>{t(why, { size })}</Typography.Paragraph>;
  }
  return (
    <Editor
      name={name}
      hint={EDITOR_HINT}
      text={text}
      onChange={(changed) => onChange(write(draft, name, new TextEncoder().encode(changed)))}
      onSave={onSave}
    />
  );
}

interface Folder {
  folders: Map<string, Folder>;
  files: string[];
}

/** Folders first, each with its files; what was changed has a dot. */
function nodes(names: string[], draft: Draft): TreeDataNode[] {
  const root: Folder = { folders: new Map(), files: [] };
  for (const name of names) {
    const parts = name.split("/");
    let folder = root;
    for (const part of parts.slice(0, -1)) {
      const next = folder.folders.get(part) ?? { folders: new Map(), files: [] };
      folder.folders.set(part, next);
      folder = next;
    }
    folder.files.push(name);
  }
  const of = (folder: Folder, path: string): TreeDataNode[] => [
    ...[...folder.folders].map(([name, inside]) => ({
      key: `${path}${name}/`,
      title: name,
      children: of(inside, `${path}${name}/`),
    })),
    ...folder.files.map((name) => ({
      key: name,
      title: `${name.slice(path.length)}${draft.changed.has(name) ? " •" : ""}`,
      isLeaf: true,
    })),
  ];
  return of(root, "");
}

function NewFile({ names, onNew }: { names: string[]; onNew: (name: string) => void }) {
  const { t } = useTranslation("fn");
  const [asking, setAsking] = useState(false);
  const [form] = Form.useForm<{ path: string }>();
  const check = (_: unknown, path: string) =>
    isFilePath(path ?? "") && !names.includes(path)
      ? Promise.resolve()
      : Promise.reject(new Error(t("code.newFileRule")));
  return (
    <>
      <Tooltip title={t("code.newFile")}>
        <Button type="text" icon={<FileAddOutlined />} aria-label={t("code.newFile")} onClick={() => setAsking(true)} />
      </Tooltip>
      <Modal
        open={asking}
        title={t("code.newFile")}
        okText={t("create", { ns: "common" })}
        onCancel={() => setAsking(false)}
        onOk={form.submit}
        destroyOnHidden
      >
        <Form
          form={form}
          preserve={false}
          onFinish={({ path }) => {
            setAsking(false);
            onNew(path);
          }}
        >
          <Form.Item name="path" rules={[{ validator: check }]}>
            <Input className="mono" placeholder={t("code.newFileName")} aria-label={t("code.newFileName")} autoFocus />
          </Form.Item>
        </Form>
      </Modal>
    </>
  );
}
