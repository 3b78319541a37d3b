import { describe, expect, it } from "vitest";
import type { NewTrigger } from "../api/function";
import { configCommand, deployCommand, requestCommand, triggerCommand } from "./command";

describe("a command that does the same", () => {
  it("deploys a zip of a function of the default app, and of no other", () => {
    expect(deployCommand("my shop.zip", "default:shop")).toBe("sudo funcd deploy 'my shop.zip' --name shop");
    expect(deployCommand("shop.zip", "other:shop")).toBeUndefined();
  });

  it("says settings that a deploy takes, and nothing where one of them is none", () => {
    const strategy_config = { concurrency: -1, concurrent_num: 5 };
    expect(configCommand("default:shop", { memory_size: 256, strategy_config })).toBe(
      "sudo funcd deploy ./my-app --name shop --memory 256 --concurrency 5 --max-instances -1",
    );
    expect(
      configCommand("default:shop", { description: "", network_controller: { disable_public_network: true } }),
    ).toBe("sudo funcd deploy ./my-app --name shop --egress none --description ''");
    expect(configCommand("default:shop", { memory_size: 256, app_xrole: "robot" })).toBeUndefined();
  });

  it("makes the first trigger where a deploy would make it", () => {
    const usual = { path: "/a b", req_method: "ANY", match_mode: "SWA", protocol: "HTTP", auth: "IAM" };
    const trigger = (event: object) =>
      ({ trigger_type_code: "DEDICATEDGATEWAY", event_data: { ...usual, ...event } }) as unknown as NewTrigger;
    const at = { urn: "default:shop", first: true, host: "shop.localhost", bare: "0" };
    const own = trigger({ sl_domain: "shop.localhost" });
    expect(triggerCommand(own, at)).toBe("sudo funcd deploy ./my-app --name shop --path '/a b' --auth iam");
    expect(triggerCommand(trigger({ group_id: "0" }), at)).toBe(
      "sudo funcd deploy ./my-app --name shop --path '/a b' --default-group --auth iam",
    );
    expect(triggerCommand(trigger({ group_id: "1" }), at)).toBeUndefined();
    expect(triggerCommand(trigger({ sl_domain: "shop.localhost", req_method: "GET" }), at)).toBeUndefined();
    expect(triggerCommand(own, { ...at, first: false })).toBeUndefined();
    expect(triggerCommand(own, { ...at, urn: "default:shop:!prod" })).toBeUndefined();
  });
});

describe("a command that sends a request", () => {
  it("has the path and the body as they are sent, whole for a shell", () => {
    expect(requestCommand({ method: "DELETE", path: "/v2/p/x/1" })).toBe("sudo funcd request DELETE /v2/p/x/1");
    expect(requestCommand({ method: "GET", path: "/v2/p/x?a=b&c" })).toBe("sudo funcd request GET '/v2/p/x?a=b&c'");
    expect(requestCommand({ method: "PUT", path: "/v2/p/x", body: { a: "it's", b: [1] } })).toBe(
      `sudo funcd request PUT /v2/p/x --data '{"a":"it'\\''s","b":[1]}'`,
    );
  });

  it("takes a body from a file that has what is not shown", () => {
    const line = "sudo funcd request POST /v3/x --file body.json";
    expect(requestCommand({ method: "POST", path: "/v3/x", body: { user: { password: "…" } } })).toBe(line);
    expect(requestCommand({ method: "POST", path: "/v3/x", body: { file: new Blob(["PK"]) } })).toBe(line);
  });
});
