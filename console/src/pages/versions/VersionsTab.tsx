import { useQuery } from "@tanstack/react-query";
import { Flex } from "antd";
import { useState } from "react";
import type { FunctionConfig } from "../../api/function";
import { type Alias, aliasList, versionList } from "../../api/versions";
import { ErrorNote } from "../../shared/ErrorNote";
import { usePlace } from "../function/place";
import { Aliases } from "./Aliases";
import { Compare } from "./Compare";
import { Move } from "./Move";
import { Versions } from "./Versions";

/** What somebody is about to do. */
type Doing = { what: "move"; alias: Alias; to: string } | { what: "compare"; from: string; to: string };

/** The function's published versions, and the names that stand for them. */
export default function VersionsTab({ config }: { config: FunctionConfig }) {
  const { project, urn } = usePlace();
  const place = { project, urn };
  const versions = useQuery(versionList(place));
  const aliases = useQuery(aliasList(place));
  const [doing, setDoing] = useState<Doing>();
  const done = () => setDoing(undefined);
  const all = { versions: versions.data ?? [], aliases: aliases.data ?? [], config };
  const move = (alias: Alias, to: string) => setDoing({ what: "move", alias, to });
  return (
    <Flex vertical gap={16}>
      {versions.isError && <ErrorNote error={versions.error} retry={versions.refetch} />}
      {aliases.isError && <ErrorNote error={aliases.error} retry={aliases.refetch} />}
      <Aliases {...all} loading={aliases.isPending} onMove={move} />
      <Versions
        {...all}
        loading={versions.isPending}
        onMove={move}
        onCompare={(from, to) => setDoing({ what: "compare", from, to })}
      />
      {doing?.what === "move" && (
        <Move alias={doing.alias} to={doing.to} versions={all.versions} urn={config.func_urn} onClose={done} />
      )}
      {doing?.what === "compare" && (
        <Compare from={doing.from} to={doing.to} versions={all.versions} urn={config.func_urn} onClose={done} />
      )}
    </Flex>
  );
}
