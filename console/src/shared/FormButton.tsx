import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App, Button, type ButtonProps, Form, Modal, Typography } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Call } from "../api/call";
import { ErrorNote } from "./ErrorNote";
import { SameAs } from "./SameAs";
import { Sending, useUpload, whileSending } from "./Sending";

interface Props<F extends object, T> {
  /** What stands on the button; the dialog's title, too. */
  label: string;
  title?: string;
  /** What stands above the fields. */
  text?: string | undefined;
  /** What sends the request; "OK" without. */
  okText?: string;
  danger?: boolean;
  /** The button says this to people who do not see it. */
  icon?: ReactNode;
  small?: boolean;
  button?: ButtonProps;
  width?: number;
  initial?: Partial<F>;
  fields: ReactNode;
  /** The request for what was entered so far; what is missing yet is undefined. */
  request: (given: F) => Call<T>;
  /** The request as it is shown, where not all of it should be. */
  shown?: (given: F) => Call;
  /** The command that does the same. */
  cli?: (given: F) => string | undefined;
  /** What has changed after it: the beginnings of the queries' keys. */
  changed: readonly unknown[][];
  done: string;
  /** What to do with the answer, before the dialog closes. */
  then?: (answer: T) => void;
}

/** A button that asks in a dialog and then sends one request, which the dialog shows to copy. */
export function FormButton<F extends object, T>(props: Props<F, T>) {
  const [open, setOpen] = useState(false);
  const { label, icon, small, button } = props;
  return (
    <>
      {small ? (
        <Button type="text" {...button} icon={icon} aria-label={label} title={label} onClick={() => setOpen(true)} />
      ) : (
        <Button {...button} icon={icon} onClick={() => setOpen(true)}>
          {label}
        </Button>
      )}
      {open && <Dialog {...props} close={() => setOpen(false)} />}
    </>
  );
}

function Dialog<F extends object, T>(props: Props<F, T> & { close: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const [shown, setShown] = useState(true);
  const [form] = Form.useForm<F>();
  const upload = useUpload();
  const saving = useMutation({
    mutationFn: (given: F) => upload.run(props.request(given)),
    onSuccess: async (answer) => {
      await Promise.all(props.changed.map((queryKey) => queries.invalidateQueries({ queryKey })));
      message.success(props.done);
      props.then?.(answer);
      setShown(false);
    },
  });
  return (
    <Modal
      open={shown}
      title={props.title ?? props.label}
      okText={props.okText ?? t("ok")}
      okButtonProps={{ danger: props.danger ?? false, disabled: upload.sent !== undefined }}
      width={props.width ?? 560}
      confirmLoading={saving.isPending && !upload.sent}
      {...whileSending(upload)}
      onCancel={() => setShown(false)}
      onOk={form.submit}
      afterClose={props.close}
    >
      <Form<F>
        form={form}
        layout="vertical"
        initialValues={props.initial as Record<string, unknown>}
        onFinish={() => saving.mutate(form.getFieldsValue(true))}
      >
        {props.text && <Typography.Paragraph>{props.text}</Typography.Paragraph>}
        {props.fields}
        <Sending of={upload} />
        {saving.isError && <ErrorNote error={saving.error} />}
        <Form.Item noStyle shouldUpdate>
          {() => <Shown request={props.shown ?? props.request} cli={props.cli} given={form.getFieldsValue(true)} />}
        </Form.Item>
      </Form>
    </Modal>
  );
}

/** The request as lines. A form that is not filled in yet may make none. */
function Shown<F extends object>(props: {
  request: (given: F) => Call;
  cli: ((given: F) => string | undefined) | undefined;
  given: F;
}) {
  const given = { ...props.given };
  try {
    return <SameAs cli={props.cli?.(given)} rest={props.request(given)} />;
  } catch {
    return null;
  }
}
