import { SafetyOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Card, Form, Select } from "antd";
import { useTranslation } from "react-i18next";
import { grants, list, type Place, type Role, roles } from "../../api/iam";
import { FormButton } from "../../shared/FormButton";
import { Listing } from "../../shared/Listing";
import { DeleteButton } from "../../shared/SendButton";
import { useChosen } from "../../shell/project";
import { useList } from "./useList";

interface Granted {
  role: Role;
  place: Place;
  where: string;
}

/** What a group or an agency may do: policies, in every project or in one. */
export function Rights({ of, id }: { of: "group" | "agency"; id: string }) {
  const { t } = useTranslation("iam");
  const { session } = useChosen();
  const domain: Place = { domain_id: session.domain.id };
  const places = [
    { place: domain, where: t("everywhere") },
    ...session.projects.map((one): { place: Place; where: string } => ({
      place: { project_id: one.id },
      where: t("inProject", { name: one.name }),
    })),
  ];
  const key = ["rights", of, id];
  const found = useQuery({
    queryKey: key,
    queryFn: async () => {
      const each = places.map(async ({ place, where }) => {
        const all = await list<Role>(grants[of].list(id, place), "roles");
        return all.map((role): Granted => ({ role, place, where }));
      });
      return (await Promise.all(each)).flat();
    },
  });
  return (
    <Card size="small" title={t("rights")}>
      <Listing<Granted>
        list={found}
        id={(one) => `${one.role.id} ${one.where}`}
        empty={t("noRights")}
        columns={[
          { title: t("role"), key: "role", render: (_, one) => <strong>{one.role.display_name}</strong> },
          { title: t("where"), dataIndex: "where" },
          {
            key: "actions",
            align: "end",
            render: (_, one) => (
              <DeleteButton
                title={t("revokeTitle", { role: one.role.display_name })}
                call={grants[of].remove(id, one.role.id, one.place)}
                changed={[key, ["roles"]]}
                done={t("revoked")}
              />
            ),
          },
        ]}
      >
        <FormButton<{ role?: string; where?: string }, unknown>
          label={t("grant")}
          icon={<SafetyOutlined />}
          button={{ type: "primary" }}
          initial={{ where: t("everywhere") }}
          fields={<Fields places={places.map((one) => one.where)} />}
          request={({ role = "", where }) =>
            grants[of].put(id, role, places.find((one) => one.where === where)?.place ?? domain)
          }
          changed={[key, ["roles"]]}
          done={t("granted")}
        />
      </Listing>
    </Card>
  );
}

function Fields({ places }: { places: string[] }) {
  const { t } = useTranslation("iam");
  const system = useList<Role>(["roles", "system"], roles.system(), "roles");
  const custom = useList<Role>(["roles", "custom"], roles.custom(), "roles");
  const all = [...(custom.data ?? []), ...(system.data ?? [])];
  return (
    <>
      <Form.Item name="role" label={t("role")} rules={[{ required: true }]}>
        <Select
          showSearch
          optionFilterProp="label"
          loading={system.isFetching}
          options={all.map((one) => ({ value: one.id, label: one.display_name }))}
        />
      </Form.Item>
      <Form.Item name="where" label={t("where")} rules={[{ required: true }]}>
        <Select options={places.map((value) => ({ value, label: value }))} />
      </Form.Item>
    </>
  );
}
