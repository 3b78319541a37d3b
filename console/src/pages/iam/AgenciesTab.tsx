import { EditOutlined, PlusOutlined } from "@ant-design/icons";
import { Link } from "@tanstack/react-router";
import { Flex, Form, Input, Radio, Select } from "antd";
import { useTranslation } from "react-i18next";
import { type Agency, agencies } from "../../api/iam";
import { FormButton } from "../../shared/FormButton";
import { moment } from "../../shared/format";
import { Listing } from "../../shared/Listing";
import { must } from "../../shared/rule";
import { DeleteButton } from "../../shared/SendButton";
import { useChosen } from "../../shell/project";
import { useList } from "./useList";

/** The service that functions are. */
const FUNCTIONS = "op_svc_cff";

interface Given {
  name?: string;
  trust?: string;
  duration?: string;
  description?: string;
}

export default function AgenciesTab() {
  const { t, i18n } = useTranslation("iam");
  const { session } = useChosen();
  const domain = session.domain;
  const list = useList<Agency>(["agencies"], agencies.list(domain.id), "agencies");
  const body = ({ name = "", trust = FUNCTIONS, duration = "FOREVER", description = "" }: Given) => ({
    name,
    domain_id: domain.id,
    trust_domain_name: trust,
    duration,
    description,
  });
  return (
    <Listing<Agency>
      list={list}
      id={(one) => one.id}
      words={(one) => `${one.name} ${one.description}`}
      empty={t("noAgencies")}
      columns={[
        {
          title: t("agency"),
          key: "name",
          render: (_, one) => (
            <Link to="/iam/agencies/$agency" params={{ agency: one.id }}>
              <strong>{one.name}</strong>
            </Link>
          ),
        },
        { title: t("trust"), dataIndex: "trust_domain_name" },
        {
          title: t("expires"),
          key: "expires",
          render: (_, one) => moment(one.expire_time, i18n.language) || t("never"),
        },
        { title: t("description", { ns: "common" }), dataIndex: "description" },
        {
          key: "actions",
          align: "end",
          render: (_, one) => (
            <Flex justify="end">
              <FormButton<Given, unknown>
                small
                label={t("edit")}
                icon={<EditOutlined />}
                initial={{ description: one.description }}
                fields={<Description />}
                request={({ description = "" }) => agencies.update(one.id, { description })}
                changed={[["agencies"]]}
                done={t("agencySaved")}
              />
              <DeleteButton
                title={t("deleteAgency", { name: one.name })}
                text={t("deleteAgencyText")}
                call={agencies.remove(one.id)}
                changed={[["agencies"]]}
                done={t("agencyDeleted")}
              />
            </Flex>
          ),
        },
      ]}
    >
      <FormButton<Given, unknown>
        label={t("createAgency")}
        icon={<PlusOutlined />}
        button={{ type: "primary" }}
        initial={{ trust: FUNCTIONS, duration: "FOREVER" }}
        fields={<Fields account={domain.name} />}
        request={(given) => agencies.create(body(given))}
        changed={[["agencies"]]}
        done={t("agencyMade")}
      />
    </Listing>
  );
}

function Fields({ account }: { account: string }) {
  const { t } = useTranslation("iam");
  return (
    <>
      <Form.Item name="name" label={t("agency")} required rules={[must((text) => text.trim() !== "", t("userRule"))]}>
        <Input autoComplete="off" maxLength={64} />
      </Form.Item>
      <Form.Item name="trust" label={t("trust")}>
        <Radio.Group
          options={[
            { value: FUNCTIONS, label: t("functions") },
            { value: account, label: t("account") },
          ]}
        />
      </Form.Item>
      <Form.Item name="duration" label={t("duration")}>
        <Select
          options={[
            { value: "FOREVER", label: t("forever") },
            { value: "ONEDAY", label: t("oneday") },
          ]}
        />
      </Form.Item>
      <Description />
    </>
  );
}

function Description() {
  const { t } = useTranslation("iam");
  return (
    <Form.Item name="description" label={t("description", { ns: "common" })}>
      <Input maxLength={255} />
    </Form.Item>
  );
}
