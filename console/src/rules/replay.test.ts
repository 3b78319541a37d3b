import { expect, it } from "vitest";
import { headersAgain } from "./replay";

it("sends again the headers whose values were kept whole, and names the others", () => {
  const kept = [
    { name: "host", value: "shop.localhost", bytes: 14, cut: false },
    { name: "Content-Length", value: "5", bytes: 1, cut: false },
    { name: "x-forwarded-for", bytes: 9, cut: false },
    { name: "x-tenant", value: "acme", bytes: 4, cut: false },
    { name: "x-empty", value: "", bytes: 0, cut: false },
    { name: "x-long", value: "aaa", bytes: 9000, cut: true },
    { name: "authorization", bytes: 20, cut: false },
  ];
  expect(headersAgain(kept)).toEqual({
    headers: [
      { name: "x-tenant", value: "acme" },
      { name: "x-empty", value: "" },
    ],
    missing: ["x-long", "authorization"],
  });
  expect(headersAgain([])).toEqual({ headers: [], missing: [] });
});
