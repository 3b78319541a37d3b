import { useQuery } from "@tanstack/react-query";
import type { Call } from "../../api/call";
import { list } from "../../api/iam";

/** The items of a list of identities, which comes whole. */
export const useList = <T>(key: readonly unknown[], of: Call<unknown>, field: string) =>
  useQuery({ queryKey: key, queryFn: () => list<T>(of, field) });
