import { expect, it } from "vitest";
import { commandOf, definitionOf, fieldsOf, isApiName, isTemplate } from "./definition";

const shown = {
  id: "a1",
  name: "API_web",
  type: 1 as const,
  backend_type: "FUNCTION" as const,
  group_id: "g1",
  auth_type: "NONE" as const,
  req_protocol: "HTTP" as const,
  req_method: "ANY" as const,
  match_mode: "SWA" as const,
  req_uri: "/",
  status: 1,
  remark: "",
  response_id: "r1",
  run_env_name: "RELEASE",
  func_info: {
    id: "f1",
    function_urn: "urn:x",
    invocation_type: "sync" as const,
    network_type: "V2" as const,
    version: "latest",
    timeout: 5000,
    authorizer_id: "",
  },
  req_params: [{ id: "p1", name: "x", type: "STRING" as const, location: "QUERY" as const, required: 1 as const }],
};

it("an API is given whole, without what only answers have", () => {
  expect(definitionOf({ ...fieldsOf(shown), req_uri: "/user/get" }, shown)).toEqual({
    name: "API_web",
    type: 1,
    backend_type: "FUNCTION",
    group_id: "g1",
    auth_type: "NONE",
    req_protocol: "HTTP",
    req_method: "ANY",
    match_mode: "SWA",
    req_uri: "/user/get",
    remark: "",
    response_id: "r1",
    tags: [],
    func_info: {
      function_urn: "urn:x",
      invocation_type: "sync",
      network_type: "V2",
      version: "latest",
      timeout: 5000,
      req_protocol: "HTTPS",
      remark: "",
    },
    req_params: [{ name: "x", type: "STRING", location: "QUERY", required: 1 }],
    backend_params: [],
  });
});

it("an alias is called in place of a version, and gRPC is passed on as gRPC", () => {
  const given = { ...fieldsOf({}), function_urn: "urn:x", qualifier: "!prod", req_protocol: "GRPCS" as const };
  const { func_info } = definitionOf(given);
  expect(func_info).toMatchObject({ alias_urn: "urn:x:!prod", req_protocol: "GRPCS" });
  expect(func_info).not.toHaveProperty("version");
  expect(fieldsOf({ func_info } as never).qualifier).toBe("!prod");
});

it("an authorizer is named only where it decides", () => {
  const given = { ...fieldsOf(shown), auth_type: "AUTHORIZER" as const, authorizer_id: "z1" };
  expect(definitionOf(given, shown)).toMatchObject({ auth_type: "AUTHORIZER", authorizer_id: "z1" });
  const back = { ...shown, auth_type: "AUTHORIZER" as const, authorizer_id: "z1" };
  expect(definitionOf({ ...given, auth_type: "NONE" }, back)).not.toHaveProperty("authorizer_id");
});

it("the command says what was changed, and nothing where it cannot say all of it", () => {
  const start = fieldsOf(shown);
  expect(commandOf(start, start, "a1")).toBeUndefined();
  expect(commandOf({ ...start, req_uri: "/a b", timeout: 9 }, start, "a1")).toBe(
    "sudo funcd api edit a1 --path '/a b' --timeout 9",
  );
  expect(commandOf({ ...start, qualifier: "!prod" }, start, "a1")).toBe("sudo funcd api edit a1 --alias prod");
  expect(commandOf({ ...start, req_params: [] }, start, "a1")).toBeUndefined();
  const made = { ...start, name: "orders", auth_type: "AUTHORIZER" as const, authorizer_id: "z1" };
  expect(commandOf(made, start)).toBe(
    "sudo funcd api create orders --function urn:x --group g1 --path / --auth authorizer --authorizer z1",
  );
});

it("names may be of any script", () => {
  expect(["API_web-1", "接口:一（内部）", "1ab"].every(isApiName)).toBe(true);
  expect(["ab", "_ab", "a b c", "a".repeat(256)].some(isApiName)).toBe(false);
});

it("paths may have parameters and variables", () => {
  const fine = ["/", "/user/get", "/user/{id}/x", "/a/", "/%E4%BD%A0", "/#stage#/x"];
  expect(fine.filter((path) => !isTemplate(path))).toEqual([]);
  const wrong = [
    "",
    "user",
    "//",
    "/a//b",
    "/../x",
    "/a b",
    "/{",
    "/a{b}",
    "/{1}",
    "/{a}/{a}",
    "/{proxy+}",
    "/#a#",
    "/#stage",
  ];
  expect(wrong.filter(isTemplate)).toEqual([]);
});
