import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import {
  Alert,
  Button,
  Flex,
  Form,
  Input,
  Modal,
  Spin,
  Table,
  type TableColumnsType,
  Tag,
  Typography,
  theme,
} from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { send } from "../../api/call";
import { installRuntime, type Runtime, runtimes } from "../../api/system";
import { ErrorNote } from "../../shared/ErrorNote";
import { moment } from "../../shared/format";
import { SameAs, shell } from "../../shared/SameAs";
import { useLeaving } from "../../shared/useLeaving";
import { useProject } from "../../shell/project";

/** Languages that bootstraps can name: which are there, and which can be had. */
export function Runtimes() {
  const { t } = useTranslation("system");
  const project = useProject();
  const found = useQuery(runtimes(project));
  const [chosen, choose] = useState<Runtime>();
  const columns: TableColumnsType<Runtime> = [
    { title: t("runtime"), key: "id", render: (_, one) => <strong>{one.id}</strong> },
    { title: t("state"), key: "state", render: (_, one) => <State of={one} /> },
    { title: t("version"), key: "version", render: (_, one) => one.version ?? "" },
    {
      title: t("from"),
      key: "from",
      render: (_, one) => <span className="break">{one.source ?? one.installable ?? ""}</span>,
    },
    {
      key: "install",
      align: "end",
      render: (_, one) => (
        <Button
          disabled={!!one.installing}
          aria-label={`${t(one.installed ? "replace" : "install")} ${one.id}`}
          onClick={() => choose(one)}
        >
          {t(one.installed ? "replace" : "install")}
        </Button>
      ),
    },
  ];
  return (
    <Flex vertical gap={12}>
      <Typography.Text type="secondary">{t("runtimesText")}</Typography.Text>
      {found.isError && <ErrorNote error={found.error} retry={found.refetch} />}
      <Table<Runtime>
        size="small"
        rowKey="id"
        columns={columns}
        dataSource={found.data?.runtimes ?? []}
        loading={found.isPending}
        pagination={false}
        scroll={{ x: 640 }}
      />
      {chosen && <Install key={chosen.id} runtime={chosen} onClose={() => choose(undefined)} />}
    </Flex>
  );
}

function State({ of }: { of: Runtime }) {
  const { t, i18n } = useTranslation("system");
  const { token } = theme.useToken();
  if (of.installing)
    return (
      <Flex gap={8} align="center" data-testid={`installing-${of.id}`}>
        <Spin size="small" />
        <Flex vertical>
          <span className="break">{of.installing.step}</span>
          <Typography.Text type="secondary">
            {t("since", { time: moment(of.installing.since, i18n.language) })}
          </Typography.Text>
        </Flex>
      </Flex>
    );
  return (
    <Flex vertical gap={2} align="start">
      <Tag color={of.installed ? "success" : "default"} variant={of.installed ? "solid" : "filled"}>
        {t(of.installed ? "installed" : "notInstalled")}
      </Tag>
      {of.failed && (
        <Typography.Text className="break" style={{ color: token["red-7"] }}>
          {of.failed}
        </Typography.Text>
      )}
    </Flex>
  );
}

/** Installing goes on when this is closed, and when the page is. */
function Install({ runtime, onClose }: { runtime: Runtime; onClose: () => void }) {
  const { t } = useTranslation("system");
  const project = useProject();
  const queries = useQueryClient();
  const [form] = Form.useForm<{ from?: string }>();
  const from = Form.useWatch("from", form)?.trim() || undefined;
  const look = () => queries.invalidateQueries({ queryKey: ["runtimes", project] });
  const request = installRuntime(project, runtime.id, from);
  const { leave, modal } = useLeaving(onClose);
  const install = useMutation({
    mutationFn: () => {
      const asked = send(request);
      // Its first step is there a moment later; from then on the list is looked at by itself.
      setTimeout(look, 300);
      return asked;
    },
    onSuccess: leave,
    onSettled: look,
  });
  const needsPlace = !runtime.installable || runtime.installable.startsWith("--from");
  return (
    <Modal
      {...modal}
      title={`${t("install")} ${runtime.id}`}
      okText={t("install")}
      confirmLoading={install.isPending}
      onOk={() => form.submit()}
    >
      <Form form={form} layout="vertical" onFinish={() => install.mutate()}>
        <Form.Item
          name="from"
          label={t("place")}
          extra={t(needsPlace ? "placeNeeded" : "placeExtra", { from: runtime.installable ?? "" })}
          rules={[
            { required: needsPlace, message: t("placeNeeded") },
            { pattern: /^\s*\//, message: t("placeRule") },
          ]}
        >
          <Input className="mono" autoComplete="off" placeholder="/opt/node-18" />
        </Form.Item>
      </Form>
      {install.isPending && <Alert type="info" showIcon title={t("goesOn")} />}
      {install.isError && <ErrorNote error={install.error} />}
      <SameAs cli={`sudo funcd runtime install ${runtime.id}${from ? ` --from ${shell(from)}` : ""}`} rest={request} />
    </Modal>
  );
}
