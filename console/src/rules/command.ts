import type { Call } from "../api/call";
import type { ConfigChanges, NewTrigger } from "../api/function";
import { ELIDED } from "../api/package";
import { shell } from "../shared/shell";

/** Lines for the command line (`crates/cli`) that do what a page does; none where it has no words of its own for it. */

/** Holds the body of a request where that has something which is not shown: a package, or a secret. */
export const BODY_FILE = "body.json";

/** Whether something in a body is left out where it is shown. */
const isElided = (value: unknown): boolean =>
  value === ELIDED ||
  value instanceof Blob ||
  (typeof value === "object" && value !== null && Object.values(value).some(isElided));

/** Sends any request. What is not for the screen is not for a command line either: such a body comes from a file. */
export function requestCommand({ method, path, body }: Call): string {
  const given =
    body === undefined ? "" : isElided(body) ? ` --file ${BODY_FILE}` : ` --data ${shell(JSON.stringify(body))}`;
  return `sudo funcd request ${method} ${shell(path)}${given}`;
}

const DEFAULT_APP = "default";

const options = (all: Record<string, string | number | boolean | undefined>): string =>
  Object.entries(all)
    .filter(([, value]) => value !== undefined && value !== false)
    .map(([name, value]) => (value === true ? ` --${name}` : ` --${name} ${shell(String(value))}`))
    .join("");

/** `app:name`; a deploy makes and changes functions of the default app only. */
function deployed(from: string, urn: string, more: string): string | undefined {
  const [app = "", name = ""] = urn.split(":");
  return app === DEFAULT_APP ? `sudo funcd deploy ${shell(from)} --name ${shell(name)}${more}` : undefined;
}

/** Deploys a zip or a folder. */
export const deployCommand = (from: string, urn: string) => deployed(from, urn, "");

/** Deploys what is in a folder, with settings: those that a deploy can say. */
export function configCommand(urn: string, changes: ConfigChanges): string | undefined {
  const { memory_size, timeout, description, strategy_config, network_controller, ...others } = changes;
  if (Object.keys(others).length > 0) return undefined;
  const egress = network_controller && (network_controller.disable_public_network ? "none" : "internet");
  const more = options({
    memory: memory_size,
    timeout,
    concurrency: strategy_config?.concurrent_num,
    "max-instances": strategy_config?.concurrency,
    egress,
    description,
  });
  return deployed("./my-app", urn, more);
}

interface Place {
  urn: string;
  /** Whether the function has no trigger yet; a deploy replaces one that is elsewhere. */
  first: boolean;
  /** The host of the function's own, and the group of the bare address. */
  host: string;
  bare: string;
}

/** Deploys what is in a folder, with the URL: the one trigger that a deploy makes. */
export function triggerCommand({ trigger_type_code, event_data }: NewTrigger, at: Place): string | undefined {
  const event = event_data as Record<string, unknown>;
  const latest = at.urn.split(":").length === 2;
  const usual = event.req_method === "ANY" && event.match_mode === "SWA" && event.protocol === "HTTP";
  const bare = event.group_id === at.bare;
  const there = bare || event.sl_domain === at.host;
  if (!latest || !at.first || !usual || !there || trigger_type_code !== "DEDICATEDGATEWAY") return undefined;
  const auth = String(event.auth).toLowerCase();
  return deployed("./my-app", at.urn, options({ path: String(event.path), "default-group": bare, auth }));
}
