import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Flex, Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { oneApi } from "../../api/apig";
import { fieldsOf } from "../../rules/definition";
import { Failure, PageHead } from "../../shared/PageHead";
import { useProject } from "../../shell/project";
import { ApiForm } from "../definition/ApiForm";

/** Edits what is published only afterwards. */
export function EditApiPage() {
  const { t } = useTranslation("apis");
  const { api: id } = useParams({ from: "/apis/$api/edit" });
  const api = useQuery({ ...oneApi(useProject(), id), refetchOnWindowFocus: false });
  if (api.isPending) return <Skeleton active />;
  if (api.isError) return <Failure error={api.error} retry={api.refetch} />;
  return (
    <Flex vertical gap={16} style={{ maxWidth: 860 }}>
      <PageHead up={{ to: "/apis/$api", params: { api: id }, label: api.data.name ?? "" }} title={t("edit")} />
      <ApiForm api={api.data} start={fieldsOf(api.data)} />
    </Flex>
  );
}
