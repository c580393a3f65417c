// Numbers and times for people; units stand behind a thin no-break space.

const THIN = "\u202f";
export const NONE = "–";

const grouped = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 0 });

export function count(value: number | undefined): string {
  return value === undefined ? NONE : grouped.format(value).replace(/,/g, THIN);
}

/** A share in [0, 1]. */
export function percent(share: number | undefined, digits = 1): string {
  return share === undefined || !Number.isFinite(share) ? NONE : `${(share * 100).toFixed(digits)}${THIN}%`;
}

/** The difference of two shares, with its sign. */
export function points(difference: number | undefined): string {
  return difference === undefined || !Number.isFinite(difference)
    ? NONE
    : `${signed(difference * 100, 1)}${THIN}pt`;
}

export function signed(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  return Number(text) === 0 ? `±${text}` : `${value < 0 ? "−" : "+"}${text}`;
}

export function decimal(value: number | undefined, digits = 2): string {
  return value === undefined || !Number.isFinite(value) ? NONE : value.toFixed(digits).replace("-", "−");
}

/** Few significant digits, for what spans orders of magnitude. */
export function small(value: number): string {
  if (value === 0) {
    return "0";
  }
  return Math.abs(value) >= 0.001 ? value.toPrecision(3) : value.toExponential(1).replace("-", "−");
}

export function bytes(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) {
    return NONE;
  }
  if (value < 1000) {
    return `${value}${THIN}B`;
  }
  const units = ["kB", "MB", "GB", "TB"];
  let scaled = value / 1000;
  let unit = 0;
  while (scaled >= 999.95 && unit < units.length - 1) {
    scaled /= 1000;
    unit++;
  }
  return `${scaled < 10 ? scaled.toFixed(2) : scaled.toFixed(1)}${THIN}${units[unit]}`;
}

export function duration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 90) {
    return `${s}${THIN}s`;
  }
  if (s < 90 * 60) {
    return `${Math.round(s / 60)}${THIN}min`;
  }
  return s < 48 * 3600 ? `${Math.round(s / 3600)}${THIN}h` : `${Math.round(s / 86400)}${THIN}d`;
}

/** Short times; Infinity is more than was measured. */
export function millis(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) {
    return NONE;
  }
  if (value === Infinity) {
    return "beyond its scale";
  }
  return value >= 10_000 ? duration(value / 1000) : `${value < 10 ? value.toFixed(1) : value.toFixed(0)}${THIN}ms`;
}

export function ago(time: string | undefined, now: number): string {
  return time === undefined ? NONE : `${duration((now - Date.parse(time)) / 1000)} ago`;
}

/** Local time to the second; with the date unless it is today's. */
export function clock(time: string | undefined, now = Date.now()): string {
  if (time === undefined) {
    return NONE;
  }
  const at = new Date(time);
  const text = at.toLocaleTimeString("en-GB");
  return at.toDateString() === new Date(now).toDateString()
    ? text
    : `${at.toLocaleDateString("en-GB", { day: "2-digit", month: "short" })} ${text}`;
}

/** The end of a ULID: versions made in the same minute begin alike. Empty is the registered model. */
export function version(id: string | undefined): string {
  return id === undefined ? NONE : id === "" ? "base" : `…${id.slice(-6)}`;
}

export function digest(sha256: string): string {
  return sha256.slice(0, 12);
}

/** The name of a class, or its number where the model has no names. */
export function className(labels: string[] | undefined, index: number | undefined): string {
  return index === undefined ? NONE : (labels?.[index] ?? `class ${index}`);
}

export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}
