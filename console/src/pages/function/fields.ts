import type { ConfigChanges, FunctionConfig } from "../../api/function";

export interface Variable {
  key: string;
  value: string;
  encrypted: boolean;
}

/** A function's settings as the form has them. */
export interface Fields {
  memory: number;
  /** Whether a caller may choose the memory of a call. */
  anyMemory: boolean;
  timeout: number;
  handler: string;
  enterpriseProject: string;
  description: string;
  perInstance: number;
  instances: number;
  variables: Variable[];
  initializerHandler: string;
  initializerTimeout: number | null;
  preStopHandler: string;
  preStopTimeout: number | null;
  internet: boolean;
  storage: number;
  /** The agency of settings, and that of the function as it runs. */
  settingsAgency: string;
  agency: string;
  credentials: boolean;
  /** Whether clients are told where the log is, and where that is. */
  logTold: boolean;
  logGroup: string;
  logStream: string;
  logTags: LogTag[];
}

/** What each line of the log carries. */
export interface LogTag {
  key: string;
  value: string;
}

function variables(text: string | undefined, encrypted: boolean): Variable[] {
  if (!text) return [];
  const object = JSON.parse(text) as Record<string, string>;
  return Object.entries(object).map(([key, value]) => ({ key, value, encrypted }));
}

export function fieldsOf(config: FunctionConfig): Fields {
  return {
    memory: config.memory_size,
    anyMemory: config.enable_dynamic_memory ?? false,
    timeout: config.timeout,
    handler: config.handler ?? "",
    enterpriseProject: config.enterprise_project_id ?? "",
    description: config.description ?? "",
    perInstance: config.strategy_config?.concurrent_num ?? 1,
    instances: config.strategy_config?.concurrency ?? -1,
    variables: [...variables(config.user_data, false), ...variables(config.encrypted_user_data, true)],
    initializerHandler: config.initializer_handler ?? "",
    initializerTimeout: config.initializer_timeout || null,
    preStopHandler: config.pre_stop_handler ?? "",
    preStopTimeout: config.pre_stop_timeout || null,
    internet: !config.network_controller?.disable_public_network,
    storage: config.ephemeral_storage || 512,
    credentials: config.enable_auth_in_header ?? false,
    ...labelsOf(config),
  };
}

const labelsOf = ({ xrole = "", app_xrole = "", log_group_id = "", log_stream_id = "", ...log }: FunctionConfig) => ({
  settingsAgency: xrole,
  agency: app_xrole,
  logTold: log.enable_lts_log ?? false,
  logGroup: log_group_id,
  logStream: log_stream_id,
  logTags: Object.entries(log.lts_custom_tag ?? {}).map(([key, value]) => ({ key, value })),
});

/** Tags replace what there is; group and stream are named only where the log is told of. */
function logChanges(from: Fields, to: Fields): ConfigChanges {
  const tags = (to.logTags ?? []).filter((one) => one?.key).map(({ key, value }) => [key, value ?? ""]);
  const moved = to.logTold && (from.logGroup !== to.logGroup || from.logStream !== to.logStream);
  return {
    ...(from.logTold === to.logTold ? {} : { enable_lts_log: to.logTold }),
    ...(moved ? { log_config: { group_id: to.logGroup, stream_id: to.logStream } as ConfigChanges["log_config"] } : {}),
    ...(JSON.stringify(from.logTags.map(({ key, value }) => [key, value])) === JSON.stringify(tags)
      ? {}
      : { lts_custom_tag: Object.fromEntries(tags) }),
  };
}

const object = (all: Variable[], encrypted: boolean) =>
  JSON.stringify(
    Object.fromEntries(all.filter((one) => one.encrypted === encrypted).map((one) => [one.key, one.value])),
  );

/** Both objects replace what there is; of an encrypted variable an empty value means the one it has. */
function variableChanges(from: Variable[], to: Variable[]): ConfigChanges {
  const all = to
    .filter((one) => one?.key)
    .map((one) => ({ ...one, value: one.value ?? "", encrypted: one.encrypted ?? false }));
  if (JSON.stringify(from) === JSON.stringify(all)) return {};
  return { user_data: object(all, false), encrypted_user_data: object(all, true) };
}

/** Handler and timeout are one setting: a handler without a timeout is refused. */
function hook(name: "initializer" | "pre_stop", from: Hook, to: Hook): ConfigChanges {
  if (from.handler === to.handler && from.timeout === to.timeout) return {};
  return { [`${name}_handler`]: to.handler, ...(to.timeout ? { [`${name}_timeout`]: to.timeout } : {}) };
}

interface Hook {
  handler: string;
  timeout: number | null;
}

/** What the API is to be told: only what differs. */
export function changes(from: Fields, to: Fields): ConfigChanges {
  const plain = <T>(one: T, other: T, change: ConfigChanges) => (one === other ? {} : change);
  const strategy = { concurrency: to.instances, concurrent_num: to.perInstance };
  const sameStrategy = from.instances === to.instances && from.perInstance === to.perInstance;
  return {
    ...plain(from.memory, to.memory, { memory_size: to.memory }),
    ...plain(from.anyMemory, to.anyMemory, { enable_dynamic_memory: to.anyMemory }),
    ...plain(from.timeout, to.timeout, { timeout: to.timeout }),
    ...plain(from.handler, to.handler, { handler: to.handler }),
    ...plain(from.enterpriseProject, to.enterpriseProject, { enterprise_project_id: to.enterpriseProject }),
    ...plain(from.description, to.description, { description: to.description }),
    ...(sameStrategy ? {} : { strategy_config: strategy }),
    ...variableChanges(from.variables, to.variables ?? []),
    ...hook(
      "initializer",
      { handler: from.initializerHandler, timeout: from.initializerTimeout },
      { handler: to.initializerHandler, timeout: to.initializerTimeout },
    ),
    ...hook(
      "pre_stop",
      { handler: from.preStopHandler, timeout: from.preStopTimeout },
      { handler: to.preStopHandler, timeout: to.preStopTimeout },
    ),
    ...plain(from.internet, to.internet, { network_controller: { disable_public_network: !to.internet } }),
    ...plain(from.storage, to.storage, { ephemeral_storage: to.storage }),
    ...plain(from.settingsAgency, to.settingsAgency, { xrole: to.settingsAgency }),
    ...plain(from.agency, to.agency, { app_xrole: to.agency }),
    ...plain(from.credentials, to.credentials, { enable_auth_in_header: to.credentials }),
    ...logChanges(from, to),
  };
}
