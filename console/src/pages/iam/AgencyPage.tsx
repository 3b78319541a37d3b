import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Flex, Skeleton, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { send } from "../../api/call";
import { type Agency, agencies } from "../../api/iam";
import { Failure, PageHead } from "../../shared/PageHead";
import { Rights } from "./Rights";

/** One agency: what functions that have it may do. */
export default function AgencyPage() {
  const { t } = useTranslation("iam");
  const { agency: id } = useParams({ from: "/iam/agencies/$agency" });
  const found = useQuery({ queryKey: ["agencies", id], queryFn: () => send(agencies.show(id)) });
  if (found.isPending) return <Skeleton active />;
  if (found.isError) return <Failure error={found.error} retry={found.refetch} />;
  const { agency } = found.data as { agency: Agency };
  return (
    <Flex vertical gap={16}>
      <PageHead up={{ to: "/iam/agencies", label: t("agencies") }} title={agency.name} />
      <Typography.Text>
        {t("trust")}: {agency.trust_domain_name}. {agency.description}
      </Typography.Text>
      <Rights of="agency" id={agency.id} />
    </Flex>
  );
}
