import { useParams } from "@tanstack/react-router";
import { useMemo } from "react";
import type { Place } from "../../api/function";
import { useProject } from "../../shell/project";

/** The function that the address names. */
export function usePlace(): Place & { app: string; name: string } {
  const project = useProject();
  // Also the page of one of its requests names it.
  const { app = "default", name = "" } = useParams({ strict: false });
  return useMemo(() => ({ project, urn: `${app}:${name}`, app, name }), [project, app, name]);
}
