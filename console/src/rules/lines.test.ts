import { expect, it } from "vitest";
import type { Request } from "./event";
import { type Called, commandLine, nodeLines, pythonLines } from "./lines";

const request = (given: Partial<Request>): Request => ({ method: "GET", path: "/", headers: [], body: "", ...given });
const called = (sent: Called["sent"], urn = "urn:fss:r:p:function:default:web:latest"): Called => ({
  api: "http://127.0.0.1:8081",
  project: "p",
  urn,
  sent,
});

it("the command says what is not usual", () => {
  expect(commandLine(called(request({})))).toBe("funcd invoke web");
  const headers = [{ name: "accept", value: "a b" }];
  expect(commandLine(called(request({ method: "POST", path: "/x?y=1", headers, body: "it's" })))).toBe(
    "funcd invoke web --path '/x?y=1' --header 'accept: a b' --data 'it'\\''s'",
  );
  expect(commandLine(called(request({ method: "PUT" })))).toBe("funcd invoke web --method PUT");
  expect(commandLine(called({ event: { path: "/" } }))).toBe(
    'funcd invoke web --event - <<\'EOF\'\n{\n  "path": "/"\n}\nEOF',
  );
});

it("a version names the app, too, as two words alone are an app and its function", () => {
  const line = (tail: string) => commandLine(called(request({}), `urn:fss:r:p:function:${tail}`));
  expect(line("default:web:v1")).toBe("funcd invoke default:web:v1");
  expect(line("default:web:!prod")).toBe("funcd invoke 'web:!prod'");
  expect(line("shop:web:latest")).toBe("funcd invoke shop:web");
  expect(line("shop:web:!prod")).toBe("funcd invoke 'shop:web:!prod'");
});

it("values are written as each language has them", () => {
  const lines = called({ event: { a: null, b: [true, 1], c: 'x"\n' } });
  expect(pythonLines(lines)).toContain('body={"a": None, "b": [True, 1], "c": "x\\"\\n"}))');
  expect(nodeLines(lines)).toContain('.withBody({"a":null,"b":[true,1],"c":"x\\"\\n"})');
});
