import { useVirtualizer } from "@tanstack/react-virtual";
import { Typography, theme } from "antd";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { LogLine } from "../../api/stream";

const HEIGHT = 20;
/** Lines drawn beyond those in sight. */
const BEYOND = 20;
/** Pixels from the end that count as being there. */
const END = 4;

interface Props {
  lines: LogLine[];
  follow: boolean;
  onFollow: (follow: boolean) => void;
  wrap: boolean;
  onChoose: (line: LogLine) => void;
  height: string;
}

/** Lines, of which only those in sight are in the page. */
export function Lines({ lines, follow, onFollow, wrap, onChoose, height }: Props) {
  const { t } = useTranslation("logs");
  const { token } = theme.useToken();
  const place = useRef<HTMLDivElement>(null);
  const list = useVirtualizer({
    count: lines.length,
    getScrollElement: () => place.current,
    estimateSize: () => HEIGHT,
    overscan: BEYOND,
  });
  const last = lines.length;
  const newest = lines.at(-1);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is new moves the end
  useEffect(() => {
    if (follow && last > 0) list.scrollToIndex(last - 1, { align: "end" });
  }, [follow, last, newest, list]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows have other heights from now on
  useEffect(() => list.measure(), [wrap, list]);
  const scrolled = () => {
    const box = place.current;
    // Scrolling back is a wish to read.
    if (follow && box && box.scrollHeight - box.scrollTop - box.clientHeight > HEIGHT * BEYOND) onFollow(false);
  };
  return (
    <div
      ref={place}
      role="log"
      aria-label={t("lines")}
      data-testid="lines"
      data-count={lines.length}
      // Scrolled by keys too.
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls must be reachable by keyboard
      tabIndex={0}
      className="mono"
      onWheel={scrolled}
      onKeyUp={scrolled}
      style={{
        background: token.colorBgContainer,
        border: `1px solid ${token.colorBorderSecondary}`,
        borderRadius: token.borderRadius,
        fontSize: 12,
        height,
        minHeight: 120,
        overflow: "auto",
        paddingBlock: END,
      }}
    >
      {last === 0 && (
        <Typography.Text type="secondary" style={{ display: "block", padding: 10 }}>
          {t("none")}
        </Typography.Text>
      )}
      <div style={{ height: list.getTotalSize(), minWidth: wrap ? undefined : "max-content", position: "relative" }}>
        {list.getVirtualItems().map((row) => {
          const line = lines[row.index];
          if (!line) return null;
          return (
            <div
              key={row.key}
              data-index={row.index}
              ref={wrap ? list.measureElement : undefined}
              style={{
                insetInline: 0,
                lineHeight: `${HEIGHT}px`,
                paddingInline: 10,
                position: "absolute",
                top: 0,
                transform: `translateY(${row.start}px)`,
                whiteSpace: wrap ? "pre-wrap" : "pre",
                overflowWrap: wrap ? "anywhere" : undefined,
              }}
            >
              <Line line={line} onChoose={onChoose} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

function Line({ line, onChoose }: { line: LogLine; onChoose: (line: LogLine) => void }) {
  const { t } = useTranslation("logs");
  const { token } = theme.useToken();
  const bad = line.level === "error" || line.level === "fatal" || (!line.level && line.stream === "stderr");
  const colour = {
    color: bad
      ? token["red-7"]
      : line.level === "warn"
        ? token["gold-8"]
        : line.stream === "system"
          ? token.colorTextSecondary
          : token.colorText,
  };
  return (
    <>
      <button
        type="button"
        title={t("details")}
        onClick={() => onChoose(line)}
        // The whole list is one stop of the keyboard; a line's details are on its time.
        style={{
          background: "none",
          border: 0,
          color: token.colorTextSecondary,
          cursor: "pointer",
          font: "inherit",
          padding: 0,
        }}
      >
        {line.at.slice(11, 23)}
      </button>{" "}
      <span style={colour}>{line.text}</span>
    </>
  );
}
