import { useParams } from "@tanstack/react-router";
import { useMemo } from "react";
import type { Place } from "../../api/function";
import { useProject } from "../../shell/project";

/** The function that the address names. */
export function usePlace(): Place & { app: string; name: string } {
  const project = useProject();
  const { app, name } = useParams({ from: "/functions/$app/$name/$tab" });
  return useMemo(() => ({ project, urn: `${app}:${name}`, app, name }), [project, app, name]);
}
