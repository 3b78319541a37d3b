import { expect, it } from "vitest";
import { bodyOf, givenOf, START } from "./authorizer";

it("an authorizer calls a version or an alias, and is read as it was written", () => {
  const version = bodyOf({ ...START, name: "door", function_urn: "urn:x", qualifier: "v1" });
  expect(version).toMatchObject({ authorizer_uri: "urn:x", authorizer_version: "v1" });
  expect(version).not.toHaveProperty("authorizer_alias_uri");
  const alias = bodyOf({ ...START, name: "door", function_urn: "urn:x", qualifier: "!prod" });
  expect(alias).toMatchObject({ authorizer_alias_uri: "urn:x:!prod" });
  expect(givenOf({ ...alias, authorizer_version: "" }).qualifier).toBe("!prod");
  expect(givenOf(version).qualifier).toBe("v1");
});
