import { useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { LogView } from "../logs/LogView";
import { usePlace } from "./place";

/** The log of the function, as it is written; the address may name one of its instances. */
export default function Logs() {
  const { urn } = usePlace();
  const fixed = useMemo(() => ({ function: urn }), [urn]);
  const { instance } = useSearch({ from: "/functions/$app/$name/$tab" });
  return <LogView key={instance} fixed={fixed} start={instance ? { instance } : {}} />;
}
