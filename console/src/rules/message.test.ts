import { expect, test } from "vitest";
import { messageOf, timingsOf } from "./message";

test("a message has a status, headers and whatever else is its body", () => {
  const { status, reason, headers, body } = messageOf(
    "HTTP/1.1 404 Not Found\r\na: b: c\r\nx-y:\r\n\r\none\r\n\r\ntwo",
  );
  expect([status, reason, headers, body]).toEqual([
    404,
    "Not Found",
    [
      ["a", "b: c"],
      ["x-y", ""],
    ],
    "one\r\n\r\ntwo",
  ]);
});

test("what is no message is all body", () => {
  for (const text of ["", "hello", "HTTP/1.1 200 OK", "\r\n\r\n"]) expect(messageOf(text).body).toBe(text);
});

test("timings without a duration are none", () =>
  expect(timingsOf('gateway;dur=1.5, cold;desc="x";dur=20, miss, ;dur=1')).toEqual([
    { name: "gateway", ms: 1.5 },
    { name: "cold", ms: 20 },
  ]));
