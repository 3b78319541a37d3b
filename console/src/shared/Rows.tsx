import { DeleteOutlined, EditOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Flex, Form, Modal, Table, type TableColumnsType, Typography } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";

interface Props<T> {
  /** From the form's field around it. */
  id?: string;
  value?: T[];
  onChange?: (rows: T[]) => void;
  /** What a row is called: names the dialog's fields, too, beside those of the form around. */
  kind: string;
  columns: TableColumnsType<T>;
  /** What stands on the button that adds one, and in the dialog's head. */
  add: string;
  edit: string;
  empty: string;
  start: Partial<T>;
  most: number;
  named: (row: T) => string;
  /** The dialog's fields; the other rows are given. */
  fields: (others: readonly T[]) => ReactNode;
  /** What a row becomes that was entered. */
  made?: (row: T) => T;
  /** What else changes when a row is changed. */
  replaced?: (before: T, now: T) => void;
}

/** A list as a field of a form: rows are added, changed and removed in a dialog, and sent with the rest of the form. */
export function Rows<T extends object>(props: Props<T>) {
  const { t } = useTranslation();
  const { value: rows = [], onChange = () => {}, columns, named } = props;
  const [asked, ask] = useState<number>();
  const keep = (row: T) => {
    const before = rows[asked ?? -1];
    const made = props.made?.(row) ?? row;
    onChange(before ? rows.map((one) => (one === before ? made : one)) : [...rows, made]);
    if (before) props.replaced?.(before, made);
  };
  const actions: TableColumnsType<T> = [
    {
      key: "actions",
      align: "end",
      render: (_, row, at) => (
        <Flex justify="end">
          <Button
            type="text"
            icon={<EditOutlined />}
            aria-label={`${t("edit")} ${named(row)}`}
            title={t("edit")}
            onClick={() => ask(at)}
          />
          <Button
            type="text"
            danger
            icon={<DeleteOutlined />}
            aria-label={`${t("delete")} ${named(row)}`}
            title={t("delete")}
            onClick={() => onChange(rows.filter((one) => one !== row))}
          />
        </Flex>
      ),
    },
  ];
  return (
    <Flex vertical gap={8} align="start" id={props.id}>
      {rows.length > 0 && (
        <Table<T>
          size="small"
          style={{ width: "100%" }}
          rowKey={named}
          columns={[...columns, ...actions]}
          dataSource={rows}
          scroll={{ x: "max-content" }}
          pagination={false}
        />
      )}
      {rows.length === 0 && <Typography.Text type="secondary">{props.empty}</Typography.Text>}
      <Button icon={<PlusOutlined />} disabled={rows.length >= props.most} onClick={() => ask(rows.length)}>
        {props.add}
      </Button>
      {asked !== undefined && (
        <Row<T>
          {...props}
          row={rows[asked]}
          others={rows.filter((_, at) => at !== asked)}
          keep={keep}
          close={() => ask(undefined)}
        />
      )}
    </Flex>
  );
}

interface RowProps<T> extends Props<T> {
  row: T | undefined;
  others: readonly T[];
  keep: (row: T) => void;
  close: () => void;
}

function Row<T extends object>({ row, others, keep, close, kind, add, edit, start, fields }: RowProps<T>) {
  const { t } = useTranslation();
  const [form] = Form.useForm<T>();
  const [open, setOpen] = useState(true);
  const submit = () => {
    keep(form.getFieldsValue(true));
    setOpen(false);
  };
  return (
    <Modal
      open={open}
      title={row ? edit : add}
      okText={t("ok")}
      onCancel={() => setOpen(false)}
      onOk={form.submit}
      afterClose={close}
    >
      <Form<T>
        form={form}
        name={kind}
        layout="vertical"
        initialValues={(row ?? start) as Record<string, unknown>}
        onFinish={submit}
      >
        {fields(others)}
      </Form>
    </Modal>
  );
}
