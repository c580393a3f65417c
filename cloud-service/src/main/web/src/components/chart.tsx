import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { useWatched } from "../hooks";
import { theme } from "../theme";

export interface Series {
  name: string;
  /** Number of a colour of the style sheet, --line-1 and so on. */
  color: 1 | 2 | 3;
  values: (number | null)[];
  dash?: boolean;
  bars?: boolean;
}

/** A moment that is marked through the whole height. */
export interface Mark {
  at: number;
  label: string;
  tone: "good" | "bad" | "none";
}

interface ChartProps {
  label: string;
  /** Seconds since 1970. */
  times: number[];
  series: Series[];
  marks?: Mark[];
  range?: [number, number];
  from: number;
  until: number;
  format: (value: number) => string;
  height?: number;
}

/**
 * Lines over time by uPlot. It draws on a canvas and sets styles through the object model alone, so the page's content
 * security policy needs no exception for it.
 */
export function Chart(props: ChartProps) {
  const holder = useRef<HTMLDivElement>(null);
  useWatched((watcher) => theme.watch(watcher));
  const colors = document.documentElement.dataset["theme"];

  useEffect(() => {
    const element = holder.current!;
    const plot = new uPlot(optionsOf(props, element), dataOf(props), element);
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: props.height ?? 150 }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [props.times, props.series, props.marks, props.from, props.until, colors]);

  return <div ref={holder} class="chart" role="img" aria-label={describe(props)} />;
}

function dataOf(props: ChartProps): uPlot.AlignedData {
  return [props.times, ...props.series.map((s) => s.values)];
}

function describe(props: ChartProps): string {
  const last = props.series
    .map((s) => {
      const known = s.values.filter((v): v is number => v !== null);
      const value = known[known.length - 1];
      return value === undefined ? `${s.name}: no values` : `${s.name}: ${props.format(value)} at last`;
    })
    .join("; ");
  return `${props.label}. ${last}. ${props.marks?.length ?? 0} updates marked.`;
}

function optionsOf(props: ChartProps, element: HTMLElement): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string) => style.getPropertyValue(name).trim();
  const font = `11px ${style.getPropertyValue("--font").trim()}`;
  const axis = { stroke: color("--muted"), font, grid: { stroke: color("--grid"), width: 1 }, ticks: { show: false } };
  return {
    width: element.clientWidth || 600,
    height: props.height ?? 150,
    cursor: { sync: { key: "cohort" }, points: { size: 6 }, drag: { setScale: false } },
    legend: { show: true, live: true },
    padding: [LETTER_ROOM + 2, null, null, null],
    scales: {
      x: { time: true, range: () => [props.from, props.until] },
      y: {
        range: (_, low, high) =>
          props.range ?? (low === null || high === null || high === 0 ? [0, 1] : [0, high * 1.1]),
      },
    },
    axes: [
      { ...axis, size: 28, values: (_, splits) => splits.map(timeLabel(props.until - props.from)) },
      { ...axis, size: 56, values: (_, splits) => splits.map((v) => (v === null ? "" : props.format(v))) },
    ],
    series: [
      { label: "Time", value: (_, at) => (at === null ? "–" : new Date(at * 1000).toLocaleTimeString("en-GB")) },
      ...props.series.map((s): uPlot.Series => {
        const stroke = color(`--line-${s.color}`);
        return {
          label: s.name,
          stroke,
          width: s.bars ? 0 : 1.75,
          dash: s.dash ? [5, 4] : undefined,
          spanGaps: true,
          fill: s.bars ? stroke : undefined,
          paths: s.bars ? uPlot.paths.bars?.({ size: [0.8, 24], align: 1 }) : undefined,
          points: { show: !s.bars && s.values.length < 60, size: 4, fill: stroke },
          value: (_, v) => (v === null || v === undefined ? "–" : props.format(v)),
        };
      }),
    ],
    hooks: { drawClear: [(plot) => drawMarks(plot, props.marks ?? [], color, font)] },
  };
}

function timeLabel(span: number): (at: number) => string {
  return (at) => {
    const time = new Date(at * 1000);
    if (span > 2 * 86400) {
      return time.toLocaleDateString("en-GB", { day: "2-digit", month: "short" });
    }
    return time.toLocaleTimeString("en-GB", {
      hour: "2-digit",
      minute: "2-digit",
      ...(span <= 600 ? { second: "2-digit" } : {}),
    });
  };
}

/** Pixels between two letters, so that they can be read; of updates that are closer together the first alone has its letter. */
const LETTER_ROOM = 11;

/** Behind the lines: a stroke per update, and a letter above it, so that colour is not needed. */
function drawMarks(plot: uPlot, marks: Mark[], color: (name: string) => string, font: string): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.lineWidth = devicePixelRatio;
  ctx.font = font.replace("11px", `${10 * devicePixelRatio}px`);
  let free = -Infinity;
  for (const mark of [...marks].sort((a, b) => a.at - b.at)) {
    const x = plot.valToPos(mark.at, "x", true);
    if (x < bbox.left || x > bbox.left + bbox.width) {
      continue;
    }
    ctx.strokeStyle = color(mark.tone === "none" ? "--faint" : `--${mark.tone}`);
    ctx.fillStyle = ctx.strokeStyle;
    ctx.setLineDash(mark.tone === "good" ? [] : [3 * devicePixelRatio, 3 * devicePixelRatio]);
    ctx.globalAlpha = 0.45;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.globalAlpha = 1;
    if (x >= free) {
      ctx.fillText(mark.label, x - 3 * devicePixelRatio, bbox.top - 3 * devicePixelRatio);
      free = x + LETTER_ROOM * devicePixelRatio;
    }
  }
  ctx.restore();
}

/** A small line without axes, for cards. */
export function Spark({ values, label }: { values: (number | undefined)[]; label: string }) {
  const known = values.filter((v): v is number => v !== undefined);
  if (known.length < 2) {
    return <span class="muted small">too few uploads for a line</span>;
  }
  const low = Math.min(...known, 0.4);
  const high = Math.max(...known, low + 0.01);
  const step = 120 / (values.length - 1);
  const points = values
    .map((v, i) => (v === undefined ? undefined : `${(i * step).toFixed(1)},${(25 - ((v - low) / (high - low)) * 22).toFixed(1)}`))
    .filter(Boolean)
    .join(" ");
  return (
    <svg class="spark" viewBox="0 0 120 28" preserveAspectRatio="none" role="img" aria-label={label}>
      <polyline points={points} />
    </svg>
  );
}
