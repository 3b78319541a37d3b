import { DeleteOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { App, Button, type ButtonProps, Flex, Modal, Typography } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Call, send } from "../api/call";
import { ErrorNote } from "./ErrorNote";
import { SameAs } from "./SameAs";

interface Props<T> {
  label: string;
  /** What is asked before. */
  title: string;
  text?: ReactNode;
  icon?: ReactNode;
  small?: boolean;
  danger?: boolean;
  /** What sends the request; "OK" without, or the label where it is dangerous. */
  okText?: string;
  button?: ButtonProps;
  call: Call<T>;
  cli?: string | undefined;
  changed: readonly unknown[][];
  done: string;
  then?: (answer: T) => unknown;
}

/** A button that asks whether it is meant, and sends one request. What is refused stays to be read. */
export function SendButton<T>(props: Props<T>) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const go = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const answer = await send(props.call);
      message.success(props.done);
      setOpen(false);
      await props.then?.(answer);
    } catch (refused) {
      setError(refused);
    }
    setBusy(false);
    await Promise.all(props.changed.map((queryKey) => queries.invalidateQueries({ queryKey })));
  };
  const ask = () => {
    setError(undefined);
    setOpen(true);
  };
  const { label, icon, small, danger = false } = props;
  return (
    <>
      {small ? (
        <Button
          type="text"
          danger={danger}
          {...props.button}
          icon={icon}
          aria-label={label}
          title={label}
          onClick={ask}
        />
      ) : (
        <Button danger={danger} {...props.button} icon={icon} onClick={ask}>
          {label}
        </Button>
      )}
      <Modal
        open={open}
        title={props.title}
        okText={props.okText ?? (danger ? label : t("ok"))}
        okButtonProps={{ danger }}
        confirmLoading={busy}
        onCancel={() => setOpen(false)}
        onOk={go}
        destroyOnHidden
      >
        <Flex vertical gap={8}>
          {props.text && <Typography.Text>{props.text}</Typography.Text>}
          {error !== undefined && <ErrorNote error={error} />}
          <SameAs cli={props.cli} rest={props.call} />
        </Flex>
      </Modal>
    </>
  );
}

/** The bin at the end of a line. */
export function DeleteButton<T>(props: Omit<Props<T>, "label" | "icon" | "danger" | "small">) {
  const { t } = useTranslation();
  return <SendButton small danger icon={<DeleteOutlined />} label={t("delete")} {...props} />;
}
