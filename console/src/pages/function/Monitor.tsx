import { Monitor as Shared } from "../monitor/Monitor";
import { usePlace } from "./place";

/** What the function's requests came to over time. */
export default function Monitor() {
  const { project, urn } = usePlace();
  return <Shared project={project} fn={urn} />;
}
