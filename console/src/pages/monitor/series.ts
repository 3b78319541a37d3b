import type { History, HistoryPoint } from "../../api/history";

/** One value of a point; nothing where there is none. */
export type Value = (point: HistoryPoint) => number | undefined;

/** Points of the whole time, also where nothing happened: there each series has a gap. Seconds since 1970, then each series. */
export type Columns = [number[], ...(number | null)[][]];

export function columns(history: History, values: Value[]): Columns {
  const second = (at: string) => Math.round(Date.parse(at) / 1000);
  const points = new Map(history.points.map((point) => [second(point.at), point]));
  const seconds: number[] = [];
  for (let at = second(history.since); at < second(history.until); at += history.step) seconds.push(at);
  const series = values.map((value) =>
    seconds.map((at) => {
      const point = points.get(at);
      return (point && value(point)) ?? null;
    }),
  );
  return [seconds, ...series];
}

/** Numbers of values that have none beside them: no line leads to them, so they need a dot. */
export function alone(values: readonly (number | null | undefined)[]): number[] {
  const there = (at: number) => values[at] !== null && values[at] !== undefined;
  return values.flatMap((_, at) => (there(at) && !there(at - 1) && !there(at + 1) ? [at] : []));
}

/** What all points together came to. */
export function total(history: History, value: Value): number | undefined {
  const values = history.points.map(value).filter((one) => one !== undefined);
  return values.length === 0 ? undefined : values.reduce((all, one) => all + one, 0);
}

/** The highest of all points. */
export function most(history: History, value: Value): number | undefined {
  const values = history.points.map(value).filter((one) => one !== undefined);
  return values.length === 0 ? undefined : Math.max(...values);
}
