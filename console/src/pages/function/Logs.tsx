import { useMemo } from "react";
import { LogView } from "../logs/LogView";
import { usePlace } from "./place";

/** The log of the function, as it is written. */
export default function Logs() {
  const { urn } = usePlace();
  const fixed = useMemo(() => ({ function: urn }), [urn]);
  return <LogView fixed={fixed} />;
}
