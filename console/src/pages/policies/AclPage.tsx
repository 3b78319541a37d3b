import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { Card, Descriptions, Flex, Skeleton, Tag } from "antd";
import { useTranslation } from "react-i18next";
import { send } from "../../api/call";
import { type Acl, acls } from "../../api/policies";
import { Failure, PageHead } from "../../shared/PageHead";
import { DeleteButton } from "../../shared/SendButton";
import { useScope } from "../gateway/scope";
import { EditAcl } from "./AclsTab";
import { Bindings } from "./Bindings";

/** One access control policy: whom it names, and where it is bound. */
export default function AclPage() {
  const { t } = useTranslation("policies");
  const { policy: id } = useParams({ from: "/apis/acls/$policy" });
  const scope = useScope();
  const navigate = useNavigate();
  const found = useQuery({ queryKey: ["acls", id], queryFn: () => send(acls.show(scope, id)) });
  if (found.isPending) return <Skeleton active />;
  if (found.isError) return <Failure error={found.error} retry={found.refetch} />;
  const acl = found.data as Acl;
  return (
    <Flex vertical gap={16}>
      <PageHead up={{ to: "/apis/acls", label: t("acls") }} title={acl.acl_name}>
        <EditAcl acl={acl} />
        <DeleteButton
          title={t("deleteTitle", { name: acl.acl_name })}
          text={t("deleteText")}
          call={acls.remove(scope, acl.id)}
          changed={[["bindings"]]}
          done={t("deleted")}
          then={() => navigate({ to: "/apis/acls" })}
        />
      </PageHead>
      <Card size="small">
        <Descriptions
          size="small"
          column={{ xs: 1, md: 2 }}
          items={[
            { key: "effect", label: t("effect"), children: t(acl.acl_type) },
            { key: "entity", label: t("entity"), children: t(acl.entity_type as "IP") },
            {
              key: "values",
              label: t("values"),
              span: "filled",
              children: (
                <Flex gap={8} wrap>
                  {acl.acl_value.split(",").map((one) => (
                    <Tag key={one} className="mono">
                      {one.trim()}
                    </Tag>
                  ))}
                </Flex>
              ),
            },
          ]}
        />
      </Card>
      <Bindings kind="acls" policy={{ id: acl.id, name: acl.acl_name }} />
    </Flex>
  );
}
