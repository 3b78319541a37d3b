import { expect, test } from "vitest";
import { before, lines, Overlap } from "./stream";

interface Line {
  at: string;
  text: string;
}

const identity = { key: (one: Line) => `${one.at} ${one.text}`, at: (one: Line) => one.at };
const line = (second: number, text = "x"): Line => ({ at: `2026-01-02T03:04:0${second}Z`, text });

/** Known lines, and an answer in pieces that begins at the second line. */
function check(known: Line[], pieces: Line[][], more: Line[], gap = false, most = 10) {
  const overlap = new Overlap(known, known.length > 0 ? line(2).at : undefined, identity);
  expect(pieces.flatMap((piece) => overlap.fresh(piece))).toEqual(more);
  expect(overlap.gap(most)).toBe(gap);
}

test("what came before the connection broke does not come twice", () => {
  check([line(1), line(2), line(3)], [[line(2), line(3), line(4)]], [line(4)]);
  check([line(1), line(2), line(3)], [[line(2)], [line(3)], [line(4)]], [line(4)]);
  check([line(2)], [[]], []);
});

test("a line of the same moment that had not come yet is not lost", () => {
  check([line(2, "a"), line(3, "c")], [[line(3, "b"), line(3, "c"), line(4)]], [line(3, "b"), line(4)]);
});

test("lines that are alike are as many as they are", () => {
  check([line(2), line(2)], [[line(2)], [line(2), line(2)]], [line(2)]);
});

test("a line with more digits than the time that is asked for again is known", () => {
  const known = { at: "2026-01-02T03:04:02.123456Z", text: "x" };
  const overlap = new Overlap([known], "2026-01-02T03:04:02.123Z", identity);
  expect(overlap.fresh([known])).toEqual([]);
});

test("the first connection has everything new", () => {
  check([], [[line(1), line(1)]], [line(1), line(1)]);
});

test("an answer as long as may be with nothing that is known leaves a gap", () => {
  check([line(2)], [[line(3), line(4)]], [line(3), line(4)], true, 2);
  check([line(2)], [[line(3), line(4)]], [line(3), line(4)], false, 3);
  check([line(2)], [[line(2), line(4)]], [line(4)], false, 2);
});

test("pieces become lines wherever they are cut", () => {
  expect(lines("", '{"a":')).toEqual({ whole: [], rest: '{"a":' });
  expect(lines('{"a":', '1}\n\n{"b":2}\n{"c"')).toEqual({ whole: ['{"a":1}', '{"b":2}'], rest: '{"c"' });
});

test("a moment earlier is never later", () => {
  expect(before("2026-01-02T03:04:05.123456789Z", 1_000)).toBe("2026-01-02T03:04:04.123Z");
});
