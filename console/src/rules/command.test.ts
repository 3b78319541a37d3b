import { describe, expect, it } from "vitest";
import type { NewTrigger } from "../api/function";
import { configCommand, deployCommand, triggerCommand } from "./command";

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
