import { RequestView } from "../requests/RequestView";
import { usePlace } from "./place";

/** The requests of the function, as they end. */
export default function Requests() {
  const { urn } = usePlace();
  return <RequestView fn={urn} />;
}
