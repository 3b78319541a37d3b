import { PlusOutlined } from "@ant-design/icons";
import { Link } from "@tanstack/react-router";
import { Grid, type TableColumnsType } from "antd";
import { useTranslation } from "react-i18next";
import { type Throttle, throttles } from "../../api/policies";
import { FormButton } from "../../shared/FormButton";
import { moment } from "../../shared/format";
import { Listing } from "../../shared/Listing";
import { DeleteButton } from "../../shared/SendButton";
import { useItems, useScope } from "../gateway/scope";
import { START, ThrottleFields, type ThrottleGiven, throttle } from "./ThrottleFields";

/** Throttling policies: how often may be called. */
export default function ThrottlesTab() {
  const { t } = useTranslation("policies");
  const scope = useScope();
  const list = useItems(["throttles"], throttles.list(scope), "throttles");
  const columns = useColumns();
  return (
    <Listing<Throttle> list={list} id={(one) => one.id} columns={columns} words={words} empty={t("throttleEmpty")}>
      <FormButton<ThrottleGiven, unknown>
        label={t("createThrottle")}
        icon={<PlusOutlined />}
        button={{ type: "primary" }}
        initial={START}
        fields={<ThrottleFields />}
        request={(one) => throttles.create(scope, throttle(one))}
        changed={[["throttles"]]}
        done={t("saved")}
      />
    </Listing>
  );
}

const words = (one: Throttle) => `${one.name} ${one.remark}`;

/** The window of a policy, as people say it. */
export function useWindow() {
  const { t } = useTranslation("policies");
  return (one: Throttle) => t("every", { count: one.time_interval, unit: t(one.time_unit) });
}

function useColumns(): TableColumnsType<Throttle> {
  const { t, i18n } = useTranslation("policies");
  const scope = useScope();
  const window = useWindow();
  const wide = Grid.useBreakpoint().md ?? true;
  const start: TableColumnsType<Throttle> = [
    {
      title: t("name"),
      key: "name",
      sorter: (a, b) => a.name.localeCompare(b.name),
      render: (_, one) => (
        <Link to="/apis/throttles/$policy" params={{ policy: one.id }}>
          <strong>{one.name}</strong>
        </Link>
      ),
    },
    {
      title: t("apiLimit"),
      key: "limit",
      render: (_, one) => `${one.api_call_limits} ${window(one)}`,
    },
  ];
  const more: TableColumnsType<Throttle> = [
    { title: t("userLimit"), key: "user", render: (_, one) => one.user_call_limits || "–" },
    { title: t("appLimit"), key: "app", render: (_, one) => one.app_call_limits || "–" },
    { title: t("ipLimit"), key: "ip", render: (_, one) => one.ip_call_limits || "–" },
    { title: t("counted"), key: "type", render: (_, one) => t(one.type === 2 ? "together" : "eachApi") },
    { title: t("bound"), key: "bound", render: (_, one) => t("boundCount", { count: one.bind_num }) },
    {
      title: t("created", { ns: "common" }),
      key: "created",
      render: (_, one) => moment(one.create_time, i18n.language),
    },
  ];
  const actions: TableColumnsType<Throttle> = [
    {
      key: "actions",
      align: "end",
      render: (_, one) => (
        <DeleteButton
          title={t("deleteTitle", { name: one.name })}
          text={t("deleteText")}
          call={throttles.remove(scope, one.id)}
          changed={[["throttles"], ["bindings"]]}
          done={t("deleted")}
        />
      ),
    },
  ];
  return [...start, ...(wide ? more : []), ...actions];
}
