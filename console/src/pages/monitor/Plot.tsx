import { theme } from "antd";
import { useEffect, useRef } from "react";
import UPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import "./plot.css";
import { alone, type Columns } from "./series";

export interface Line {
  label: string;
  colour: string;
}

export interface PlotProps {
  data: Columns;
  lines: Line[];
  /** Values as people read them. */
  format: (value: number) => string;
  /** What the axis counts in. */
  unit: "count" | "time" | "bytes";
  /** Seconds from one value to the next. */
  step: number;
  bars?: boolean;
  language: string;
  /** The word for it. */
  time: string;
  /** Seconds since 1970 that were drawn over. */
  onZoom: (from: number, to: number) => void;
}

const HEIGHT = 190;
/** Pixels drawn over that are meant as a zoom, not as a click. */
const DRAWN = 8;

const decades = (digits: number[]) =>
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].flatMap((power) => digits.map((digit) => digit * 10 ** power));
/** Steps of an axis: whole ones, and of bytes those that people count in. */
const STEPS = {
  count: decades([1, 2, 5]),
  time: decades([1, 2, 5]),
  bytes: Array.from({ length: 44 }, (_, power) => 2 ** power),
};

/** A chart over time. Charts of a page show the same moment: pointing at one points at all. */
export default function Plot({ data, lines, format, unit, step, bars, language, time, onZoom }: PlotProps) {
  const { token } = theme.useToken();
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot>(null);
  // What does not change how a chart is made.
  const last = useRef({ data, onZoom });
  last.current = { data, onZoom };
  // Lines are made anew at each drawing of the page; their texts are what counts.
  const drawn = JSON.stringify(lines);
  const { colorTextSecondary: ink, colorFillSecondary: grid } = token;
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const axis = { stroke: ink, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 } };
    const made = new UPlot(
      {
        width: Math.max(200, element.clientWidth),
        height: HEIGHT,
        cursor: { sync: { key: "monitor" }, drag: { x: true, y: false, setScale: false, dist: DRAWN } },
        legend: { live: true },
        scales: {
          // A value is about the time from its moment to the next one.
          x: { range: (_, from, to) => [from, to + step] },
          y: { range: (_, __, highest) => [0, (highest || 1) * 1.1] },
        },
        axes: [
          { ...axis, size: 40, values: (_, splits, __, ___, apart) => ticks(splits, apart, language), space: 70 },
          // 400 ms, not 400.0 ms: an axis has round values.
          {
            ...axis,
            size: 64,
            incrs: STEPS[unit],
            values: (_, splits) => splits.map((split) => format(split).replace(/\.0+ /, " ")),
          },
        ],
        series: [
          { label: time, value: (_, at) => (at === null ? "–" : moment(at, language)) },
          ...(JSON.parse(drawn) as Line[]).map(({ label, colour }) => ({
            label,
            stroke: colour,
            width: 1.5,
            value: (_: UPlot, value: number | null) => (value === null || value === undefined ? "–" : format(value)),
            ...(bars
              ? { fill: colour, paths: UPlot.paths.bars?.({ size: [0.8, 24], align: 1 }), points: { show: false } }
              : { points: { size: 5, filter: (u: UPlot, series: number) => alone(Array.from(u.data[series] ?? [])) } }),
          })),
        ],
        hooks: {
          setSelect: [
            (u) => {
              if (u.select.width < DRAWN) return;
              last.current.onZoom(u.posToVal(u.select.left, "x"), u.posToVal(u.select.left + u.select.width, "x"));
              u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            },
          ],
        },
      },
      last.current.data,
      element,
    );
    plot.current = made;
    const size = new ResizeObserver(() => {
      if (element.clientWidth > 0) made.setSize({ width: element.clientWidth, height: HEIGHT });
    });
    size.observe(element);
    return () => {
      size.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [drawn, format, unit, step, bars, language, time, ink, grid]);
  useEffect(() => plot.current?.setData(data), [data]);
  return <div ref={place} style={{ minHeight: HEIGHT + 30 }} />;
}

const locale = (language: string) => (language === "zh" ? "zh-CN" : "en-GB");

function moment(at: number, language: string) {
  return new Date(at * 1000).toLocaleString(locale(language), { dateStyle: "medium", timeStyle: "short" });
}

/** Times, with the date where it is another one than before. */
function ticks(splits: number[], apart: number, language: string): string[] {
  let before = new Date().toDateString();
  return splits.map((split) => {
    const at = new Date(split * 1000);
    const date = at.toLocaleDateString(locale(language), { day: "numeric", month: "short" });
    if (apart >= 86_400) return date;
    const time = at.toLocaleTimeString(locale(language), { hour: "2-digit", minute: "2-digit" });
    const other = at.toDateString() !== before;
    before = at.toDateString();
    return other ? `${time}\n${date}` : time;
  });
}
