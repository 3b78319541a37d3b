import { expect, test } from "vitest";
import { documentOf, documentWith, fieldsOf, type PluginType } from "./plugin";

/** A document that goes through the form unchanged comes out as it was. */
function check(type: PluginType, document: Record<string, unknown>) {
  expect(documentWith(type, fieldsOf(type, document), document)).toEqual(document);
}

test("a cors document comes back from its form", () =>
  check("cors", {
    allow_origin: "https://a.example,https://b.example",
    allow_methods: "GET,POST",
    allow_headers: "X-One",
    expose_headers: "",
    max_age: 0,
    allow_credentials: true,
  }));

test("changes of headers come back in their order", () =>
  check("set_resp_headers", {
    response_headers: [
      { name: "X-A", value: "1", value_type: "custom_value", action: "add" },
      { name: "Server", value: "", value_type: "custom_value", action: "delete" },
    ],
  }));

test("rules of a rate limit stay, though the form has no field for them", () =>
  check("rate_limit", {
    scope: "share",
    default_interval: 5,
    default_time_unit: "minute",
    api_limit: -1,
    user_limit: 0,
    app_limit: 7,
    ip_limit: 0,
    specials: [{ type: "app", policies: [{ key: "a1", limit: 3 }] }],
    parameters: [{ type: "path", name: "path" }],
    rules: [{ rule_name: "one", limit: 5 }],
  }));

test("a text that is no object is no document", () => {
  for (const text of ["", "[]", "null", "{", "1"]) expect(documentOf(text)).toBeUndefined();
});
