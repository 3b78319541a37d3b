import { useQuery } from "@tanstack/react-query";
import { gatewayId } from "../api/apig";
import { send } from "../api/call";
import { ApiError } from "../api/client";
import { traces, users } from "../api/iam";
import { useProject } from "./project";

/** The pages that may be closed to somebody, each asked once for as little as it can be asked. */
const ASKED = {
  apis: (project: string) => gatewayId(project),
  iam: () => send(users.list()),
  audit: (project: string) => send(traces.list(project, { limit: 1 })),
};
export type Area = keyof typeof ASKED;

/** What the server says to somebody who may not see a page; nothing to who may. */
export function useRefusal(area: Area): string | undefined {
  const project = useProject();
  const asked = useQuery({
    queryKey: ["rights-of-page", area, project],
    queryFn: async () => {
      try {
        await ASKED[area](project);
      } catch (error) {
        if (error instanceof ApiError && error.status === 403) return error.message;
        throw error;
      }
      return "";
    },
    staleTime: 300_000,
  });
  return asked.data || undefined;
}
