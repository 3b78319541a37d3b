import { expect, it } from "vitest";
import { whole } from "./timings";

it("a request begins with whoever took it", () => {
  expect(whole({ gateway_us: 250, total_us: 1_000 })).toBe(1_250);
});
