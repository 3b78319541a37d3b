import { expect, it } from "vitest";
import type { FunctionConfig } from "../../api/function";
import { changes, fieldsOf } from "./fields";

const config = {
  memory_size: 512,
  timeout: 30,
  user_data: '{"MODE":"a"}',
  encrypted_user_data: '{"TOKEN":""}',
  strategy_config: { concurrency: 400, concurrent_num: 20 },
  initializer_handler: "",
} as FunctionConfig;

it("nothing changed is nothing sent", () => {
  expect(changes(fieldsOf(config), fieldsOf(config))).toEqual({});
});

it("only what was changed is sent", () => {
  const from = fieldsOf(config);
  expect(changes(from, { ...from, memory: 256, internet: false })).toEqual({
    memory_size: 256,
    network_controller: { disable_public_network: true },
  });
});

it("a changed variable sends all, and a sealed one that was not touched stays blank", () => {
  const from = fieldsOf(config);
  const variables = [{ key: "MODE", value: "b", encrypted: false }, ...from.variables.slice(1)];
  expect(changes(from, { ...from, variables })).toEqual({
    user_data: '{"MODE":"b"}',
    encrypted_user_data: '{"TOKEN":""}',
  });
});

it("a hook is sent with both its parts, and removed by an empty one", () => {
  const from = { ...fieldsOf(config), preStopHandler: "stop", preStopTimeout: 5 };
  expect(changes(from, { ...from, preStopTimeout: 9 })).toEqual({ pre_stop_handler: "stop", pre_stop_timeout: 9 });
  expect(changes(from, { ...from, preStopHandler: "", preStopTimeout: null })).toEqual({ pre_stop_handler: "" });
});

it("tags of the log are sent as one, and its place only where clients are told of it", () => {
  const from = fieldsOf({ ...config, enable_lts_log: true, log_group_id: "g", lts_custom_tag: { team: "a" } } as never);
  expect(changes(from, from)).toEqual({});
  const tags = [...from.logTags, { key: "stage", value: "blue" }];
  expect(changes(from, { ...from, logTags: tags })).toEqual({ lts_custom_tag: { team: "a", stage: "blue" } });
  expect(changes(from, { ...from, logTags: [] })).toEqual({ lts_custom_tag: {} });
  expect(changes(from, { ...from, logGroup: "h" })).toEqual({ log_config: { group_id: "h", stream_id: "" } });
  expect(changes(from, { ...from, logTold: false, logGroup: "" })).toEqual({ enable_lts_log: false });
});

it("agencies, the entry point and the memory of a call are settings of their own", () => {
  const from = fieldsOf(config);
  expect(
    changes(from, { ...from, settingsAgency: "a", handler: "x", enterpriseProject: "0", anyMemory: true }),
  ).toEqual({
    xrole: "a",
    handler: "x",
    enterprise_project_id: "0",
    enable_dynamic_memory: true,
  });
});
