import { useQuery } from "@tanstack/react-query";
import { Flex, Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { gatewayInfo } from "../../api/apig";
import { type ApiFields, fieldsOf } from "../../rules/definition";
import { Failure, PageHead } from "../../shared/PageHead";
import { useProject } from "../../shell/project";
import { ApiForm } from "../definition/ApiForm";

/** What `funcd api create` takes where nothing is said. */
const START: ApiFields = { ...fieldsOf({}), req_protocol: "BOTH", match_mode: "SWA", timeout: 60_000 };

/** Makes an API that calls a function there is. */
export default function CreateApiPage() {
  const { t } = useTranslation("definition");
  const info = useQuery(gatewayInfo(useProject()));
  if (info.isPending) return <Skeleton active />;
  if (info.isError) return <Failure error={info.error} retry={info.refetch} />;
  return (
    <Flex vertical gap={16} style={{ maxWidth: 860 }}>
      <PageHead up={{ to: "/apis", label: t("title", { ns: "apis" }) }} title={t("createApi")} />
      <ApiForm start={{ ...START, group_id: info.data.default_group_id }} />
    </Flex>
  );
}
