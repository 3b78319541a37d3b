import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useTranslation } from "react-i18next";
import type { Place } from "../../api/function";
import { aliasList, versionList } from "../../api/versions";
import { usePlace } from "./place";

interface Props {
  /** From the form's field around it. */
  id?: string;
  value: string;
  onChange: (value: string) => void;
  /** Of which function; without it of that in the address. */
  place?: Place;
}

/** A version of the function, or an alias after `!`. */
export function Qualifier({ id, value, onChange, place }: Props) {
  const { t } = useTranslation("versions");
  const here = usePlace();
  const { project, urn } = place ?? here;
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
      {...(id ? { id } : {})}
      value={value}
      onChange={onChange}
      options={options}
      aria-label={t("version")}
      loading={versions.isPending}
      style={{ minWidth: 180 }}
    />
  );
}
