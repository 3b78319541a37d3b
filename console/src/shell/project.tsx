import { useQuery } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useMemo, useState } from "react";
import { body, funcd } from "../api/client";
import type { Session } from "../api/session";

const KEY = "funcd.project";

interface Chosen {
  session: Session;
  /** Id of the project everything shown belongs to. */
  project: string;
  choose: (project: string) => void;
}

const Context = createContext<Chosen | undefined>(undefined);

/** The session, once it is known. */
export const useSession = () => useQuery({ queryKey: ["session"], queryFn: () => body(funcd.GET("/console/session")) });

export function ProjectProvider({ session, children }: { session: Session; children: ReactNode }) {
  const [kept, keep] = useState(() => localStorage.getItem(KEY));
  const project = (session.projects.find((one) => one.id === kept) ?? session.projects[0])?.id ?? "";
  const chosen = useMemo(() => {
    const choose = (id: string) => {
      localStorage.setItem(KEY, id);
      keep(id);
    };
    return { session, project, choose };
  }, [session, project]);
  return <Context.Provider value={chosen}>{children}</Context.Provider>;
}

export function useChosen(): Chosen {
  const chosen = useContext(Context);
  if (!chosen) throw new Error("outside of a project");
  return chosen;
}

export const useProject = () => useChosen().project;
