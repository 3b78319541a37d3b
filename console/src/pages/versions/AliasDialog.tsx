import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App, Flex, Form, Input, InputNumber, Modal, Select, Slider } from "antd";
import { useTranslation } from "react-i18next";
import { type Call, send } from "../../api/call";
import { type Alias, LATEST, setAlias, type Version } from "../../api/versions";
import { type AliasFields, aliasChange, aliasCommand, aliasFields, isAliasName } from "../../rules/alias";
import { DESCRIPTION_CHARS } from "../../rules/function";
import { ErrorNote } from "../../shared/ErrorNote";
import { SameAs } from "../../shared/SameAs";
import { useLeaving } from "../../shared/useLeaving";
import { usePlace } from "../function/place";
import { Rules } from "./Rules";

interface Props {
  /** The alias to change; a new one without. */
  alias: Alias | undefined;
  versions: Version[];
  aliases: Alias[];
  onClose: () => void;
}

export function AliasDialog({ alias, versions, aliases, onClose }: Props) {
  const { t } = useTranslation("versions");
  const { project, urn } = usePlace();
  const [form] = Form.useForm<AliasFields>();
  const newest = versions.find((one) => one.version !== LATEST)?.version ?? LATEST;
  const start = aliasFields(alias, newest);
  const fields: AliasFields = { ...start, ...Form.useWatch([], form) };
  const request = (typed: AliasFields) =>
    setAlias({ project, urn }, alias?.name ?? typed.name, aliasChange(typed), alias === undefined);
  const { leave, modal } = useLeaving(onClose);
  const save = useSave(request, leave);
  return (
    <Modal
      {...modal}
      width={680}
      title={alias ? t("editAlias", { name: alias.name }) : t("createAlias")}
      okText={t(alias ? "save" : "create", { ns: "common" })}
      confirmLoading={save.isPending}
      onOk={form.submit}
    >
      <Form
        form={form}
        layout="vertical"
        name="alias"
        initialValues={start}
        onFinish={(typed) => save.mutate({ ...start, ...typed })}
      >
        {!alias && <NameField taken={aliases.map((one) => one.name)} />}
        <Form.Item name="version" label={t("main")}>
          <Select options={versions.map(({ version }) => ({ value: version, label: version }))} />
        </Form.Item>
        <Second fields={fields} versions={versions} />
        <Form.Item name="description" label={t("description")}>
          <Input.TextArea maxLength={DESCRIPTION_CHARS} showCount rows={2} />
        </Form.Item>
      </Form>
      {save.isError && <ErrorNote error={save.error} />}
      <SameAs cli={aliasCommand(urn, fields)} rest={request(fields)} />
    </Modal>
  );
}

function useSave(request: (typed: AliasFields) => Call, leave: () => void) {
  const { t } = useTranslation("versions");
  const queries = useQueryClient();
  const { message } = App.useApp();
  return useMutation({
    mutationFn: (typed: AliasFields) => send(request(typed)),
    onSuccess: async (_, typed) => {
      await queries.invalidateQueries({ queryKey: ["function"] });
      message.success(t("aliasMade", { name: typed.name, version: typed.version }));
      leave();
    },
  });
}

function NameField({ taken }: { taken: string[] }) {
  const { t } = useTranslation("versions");
  const check = (_: unknown, name: string) => {
    if (!isAliasName(name ?? "")) return Promise.reject(new Error(t("aliasRule")));
    return taken.includes(name) ? Promise.reject(new Error(t("aliasTaken"))) : Promise.resolve();
  };
  return (
    <Form.Item name="name" label={t("aliasName")} required rules={[{ validator: check }]}>
      <Input autoComplete="off" className="mono" autoFocus placeholder="prod" />
    </Form.Item>
  );
}

/** Whether another version gets requests, and which. */
function Second({ fields, versions }: { fields: AliasFields; versions: Version[] }) {
  const { t } = useTranslation("versions");
  const published = versions.filter((one) => one.version !== LATEST);
  const other = (_: unknown, name: string) => {
    if (!name) return Promise.reject(new Error(t("additionalNeeded")));
    return name === fields.version ? Promise.reject(new Error(t("additionalSame"))) : Promise.resolve();
  };
  return (
    <>
      <Form.Item name="share" label={t("share")}>
        <Select
          options={[
            { value: "none", label: t("shareNone") },
            { value: "weight", label: t("shareWeight") },
            { value: "rules", label: t("shareRules") },
          ]}
        />
      </Form.Item>
      {fields.share !== "none" && (
        <Form.Item name="additional" label={t("additional")} dependencies={["version"]} rules={[{ validator: other }]}>
          <Select options={published.map(({ version }) => ({ value: version, label: version }))} />
        </Form.Item>
      )}
      {fields.share === "weight" && <Weight fields={fields} />}
      {fields.share === "rules" && <Rules />}
    </>
  );
}

function Weight({ fields }: { fields: AliasFields }) {
  const { t } = useTranslation("versions");
  const { weight, version: main, additional } = fields;
  return (
    <Form.Item
      name="weight"
      label={t("weightLabel")}
      rules={[{ required: true, message: t("weightRule") }]}
      extra={t("weight", { rest: 100 - (weight ?? 0), weight: weight ?? 0, main, additional: additional || "…" })}
    >
      <Percent />
    </Form.Item>
  );
}

/** A slider, and its number to type. */
function Percent({ value, onChange }: { value?: number; onChange?: (value: number | null) => void }) {
  const { t } = useTranslation("versions");
  return (
    <Flex gap={16} align="center">
      <Slider
        min={0}
        max={100}
        value={value ?? 0}
        onChange={onChange}
        style={{ flex: 1 }}
        ariaLabelForHandle={t("weightLabel")}
      />
      <InputNumber
        min={0}
        max={100}
        precision={0}
        value={value}
        onChange={onChange}
        aria-label={t("weightLabel")}
        style={{ width: 90 }}
        suffix="%"
      />
    </Flex>
  );
}
