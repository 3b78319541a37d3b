const UNITS = ["B", "KB", "MB", "GB", "TB"] as const;

/** Bytes as people read them, in powers of 1024, as the quotas count. */
export function bytes(count: number): string {
  let value = count;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** A time of the API, which is UTC with or without saying so, as the browser's place and language write it. */
export function moment(text: string | undefined, language: string): string {
  if (!text) return "";
  const utc = /[zZ]|[+-]\d\d:?\d\d$/.test(text) ? text : `${text.replace(" ", "T")}Z`;
  const time = new Date(utc);
  if (Number.isNaN(time.getTime())) return text;
  return time.toLocaleString(language === "zh" ? "zh-CN" : "en-GB", { dateStyle: "medium", timeStyle: "medium" });
}

/** Microseconds as people read them. */
export function micros(count: number): string {
  if (count < 1_000) return `${count} µs`;
  if (count < 1_000_000) return `${(count / 1_000).toFixed(count < 10_000 ? 2 : 1)} ms`;
  return `${(count / 1_000_000).toFixed(2)} s`;
}

/** Milliseconds as people read a time that goes on: its two largest units. */
export function duration(millis: number): string {
  const seconds = Math.max(0, Math.round(millis / 1000));
  const [minutes, hours, days] = [60, 3600, 86_400].map((unit) => Math.floor(seconds / unit)) as [
    number,
    number,
    number,
  ];
  if (days > 0) return `${days} d ${hours % 24} h`;
  if (hours > 0) return `${hours} h ${minutes % 60} min`;
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}
