import { useQuery } from "@tanstack/react-query";
import { Outlet } from "@tanstack/react-router";
import { Skeleton } from "antd";
import { createContext, useContext, useMemo } from "react";
import { gatewayId } from "../../api/apig";
import { type Call, sendAll } from "../../api/call";
import type { Scope } from "../../api/gateway";
import { ErrorNote } from "../../shared/ErrorNote";
import { useProject } from "../../shell/project";

const Context = createContext<Scope | undefined>(undefined);

export function useScope(): Scope {
  const scope = useContext(Context);
  if (!scope) throw new Error("outside of the gateway's pages");
  return scope;
}

/** The gateway's pages: they are shown once it is known which gateway there is. */
export function Gateway() {
  const project = useProject();
  const id = useQuery({
    queryKey: ["gateway", project],
    queryFn: () => gatewayId(project),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const scope = useMemo(() => ({ project_id: project, instance_id: id.data ?? "" }), [project, id.data]);
  if (id.isPending) return <Skeleton active />;
  if (id.isError) return <ErrorNote error={id.error} retry={id.refetch} />;
  return (
    <Context.Provider value={scope}>
      <Outlet />
    </Context.Provider>
  );
}

/** All items of a list, with every field that funcd always answers; the vendor's specification requires none of an answer. */
export function useItems<T, F extends keyof T>(key: readonly unknown[], list: Call<T>, field: F) {
  const { project_id } = useScope();
  type Item = T[F] extends (infer I)[] | undefined ? Required<I> : never;
  return useQuery({
    queryKey: [...key, project_id],
    queryFn: () => sendAll(list, field) as unknown as Promise<Item[]>,
  });
}
