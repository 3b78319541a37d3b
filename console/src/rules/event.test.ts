import { expect, test } from "vitest";
import { eventOf, eventProblem, isRequest, type Request, requestOf } from "./event";

test("a request that is saved as an event comes back", () => {
  const request: Request = {
    method: "POST",
    path: "/a/b?x=1&x=2&y=%26",
    headers: [
      { name: "content-type", value: "text/plain" },
      { name: "x-two", value: "1" },
      { name: "x-two", value: "2" },
    ],
    body: "text",
  };
  expect(requestOf(eventOf(request))).toEqual(request);
});

test("what is no request of a gateway is sent as a body", () => {
  expect(requestOf({ key: 1 })).toMatchObject({ method: "POST", path: "/", body: '{\n  "key": 1\n}' });
  expect(requestOf("text")).toMatchObject({ method: "POST", body: '"text"' });
});

test("an event that says more than a request stays an event", () => {
  expect(isRequest(eventOf({ method: "GET", path: "/", headers: [], body: "" }))).toBe(true);
  const more = [
    { httpMethod: "GET", path: "/", user_data: "x" },
    { httpMethod: "GET", path: "/", isBase64Encoded: true },
  ];
  expect([...more, { key: 1 }, [], "text", null].some(isRequest)).toBe(false);
});

test("what keeps a text from being an event is told with its field", () => {
  const problem = (text: string) => eventProblem(text)?.problem;
  const event = (more: object) => problem(JSON.stringify({ httpMethod: "GET", path: "/", ...more }));
  expect(event({ headers: { a: "1", b: ["1", "2"], c: 3 }, requestContext: {} })).toBeUndefined();
  expect(problem("{")).toBe("json");
  expect(problem("[]")).toBe("object");
  expect(problem("{}")).toBe("method");
  expect(event({ httpMethod: "CONNECT" })).toBe("methodRule");
  expect(event({ path: undefined })).toBe("path");
  expect(event({ path: "user" })).toBe("pathRule");
  expect(event({ headers: [] })).toBe("pairs");
  expect(event({ headers: { "a b": "1" } })).toBe("headerName");
  expect(event({ queryStringParameters: { a: {} } })).toBe("pairs");
  expect(event({ body: 1 })).toBe("body");
  expect(event({ isBase64Encoded: "yes" })).toBe("flag");
  expect(event({ isBase64Encoded: true, body: "???" })).toBe("base64");
  expect(event({ isBase64Encoded: true, body: "eA==" })).toBeUndefined();
});
