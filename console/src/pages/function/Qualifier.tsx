import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useTranslation } from "react-i18next";
import { aliasList, versionList } from "../../api/versions";
import { usePlace } from "./place";

interface Props {
  value: string;
  onChange: (value: string) => void;
}

/** A version of the function, or an alias after `!`. */
export function Qualifier({ value, onChange }: Props) {
  const { t } = useTranslation("versions");
  const { project, urn } = usePlace();
  const versions = useQuery(versionList({ project, urn }));
  const aliases = useQuery(aliasList({ project, urn }));
  const group = (label: string, names: string[], prefix: string) =>
    names.length > 0 ? [{ label, options: names.map((name) => ({ value: prefix + name, label: name })) }] : [];
  const options = [
    ...group(
      t("aliases"),
      (aliases.data ?? []).map((one) => one.name),
      "!",
    ),
    ...group(
      t("versions"),
      (versions.data ?? []).map((one) => one.version),
      "",
    ),
  ];
  return (
    <Select
      value={value}
      onChange={onChange}
      options={options}
      aria-label={t("version")}
      loading={versions.isPending}
      style={{ minWidth: 180 }}
    />
  );
}
