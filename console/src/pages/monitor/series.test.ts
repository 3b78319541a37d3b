import { expect, test } from "vitest";
import type { History, HistoryPoint } from "../../api/history";
import { alone, columns, most, total } from "./series";

const point = (at: string, calls: number, p50_us?: number): HistoryPoint => ({
  at,
  calls,
  function_errors: 0,
  system_errors: 0,
  throttles: 0,
  refused: 0,
  gb_seconds: 0,
  ...(p50_us !== undefined && { latency: { p50_us, p95_us: p50_us, p99_us: p50_us } }),
});

const history = (...points: HistoryPoint[]): History => ({
  since: "2026-01-02T03:00:00Z",
  until: "2026-01-02T03:04:00Z",
  step: 60,
  points,
});

const calls = (one: HistoryPoint) => one.calls;
const p50 = (one: HistoryPoint) => one.latency?.p50_us;

test("a minute without a point is a gap, and no zero", () => {
  const [seconds, called, slow] = columns(
    history(point("2026-01-02T03:01:00Z", 3, 9), point("2026-01-02T03:03:00Z", 0)),
    [calls, p50],
  );
  const first = Date.parse("2026-01-02T03:00:00Z") / 1000;
  expect(seconds).toEqual([first, first + 60, first + 120, first + 180]);
  expect(called).toEqual([null, 3, null, 0]);
  expect(slow).toEqual([null, 9, null, null]);
});

test("what has nothing beside it is told", () => {
  expect(alone([1, null, 2, 3, null, undefined, 0])).toEqual([0, 6]);
  expect(alone([])).toEqual([]);
});

test("nothing comes to nothing, not to zero", () => {
  expect(total(history(), calls)).toBeUndefined();
  expect(most(history(point("2026-01-02T03:01:00Z", 3)), p50)).toBeUndefined();
  const two = history(point("2026-01-02T03:01:00Z", 3, 4), point("2026-01-02T03:02:00Z", 4, 2));
  expect([total(two, calls), most(two, p50)]).toEqual([7, 4]);
});
