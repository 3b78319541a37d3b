import { expect, it } from "vitest";
import { isApiName, isTemplate, redefined } from "./definition";

it("an API is given whole, without what only answers have", () => {
  const shown = {
    id: "a1",
    name: "API_web",
    type: 1 as const,
    req_uri: "/",
    status: 1,
    remark: "",
    run_env_name: "RELEASE",
    func_info: { id: "f1", function_urn: "urn:x", invocation_type: "sync" as const, timeout: 5000, authorizer_id: "" },
    req_params: [{ id: "p1", name: "x", type: "STRING" as const, location: "QUERY" as const, required: 1 as const }],
  };
  expect(redefined(shown as never, { req_uri: "/user/get" })).toEqual({
    name: "API_web",
    type: 1,
    req_uri: "/user/get",
    func_info: { function_urn: "urn:x", invocation_type: "sync", timeout: 5000 },
    req_params: [{ name: "x", type: "STRING", location: "QUERY", required: 1 }],
  });
});

it("names may be of any script", () => {
  expect(["API_web-1", "接口:一（内部）", "1ab"].every(isApiName)).toBe(true);
  expect(["ab", "_ab", "a b c", "a".repeat(256)].some(isApiName)).toBe(false);
});

it("paths may have parameters", () => {
  expect(["/", "/user/get", "/user/{id}/x", "/a/", "/%E4%BD%A0"].every(isTemplate)).toBe(true);
  expect(["", "user", "//", "/a//b", "/../x", "/a b", "/{", "/a{b}", "/{1}"].some(isTemplate)).toBe(false);
});
