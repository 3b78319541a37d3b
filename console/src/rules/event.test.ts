import { expect, test } from "vitest";
import { eventOf, type Request, requestOf } from "./event";

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
