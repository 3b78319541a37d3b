import type { Cron } from "../api/extras";

/** The server's rules for tags, dependencies and reserved instances (`crates/api/src/fgs/{tags,dependencies,reserves}`). */
export const isTagKey = (key: string) =>
  /^[\p{L}\p{N}_.:=+\-@ ]{1,128}$/u.test(key) && key === key.trim() && !key.startsWith("_sys_");

export const isTagValue = (value: string) => /^[\p{L}\p{N}_.:/=+\-@ ]{0,255}$/u.test(value);

export const isDependencyName = (name: string) => /^[A-Za-z](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9])?$/.test(name);

export const DEPENDENCY_BYTES = 40 * 1024 * 1024;
export const RESERVED = 1000;

/** Six fields, or five without the weekday: whether each names something only the server says. */
export const isCron = (text: string) => /^\S+(\s+\S+){4,5}$/.test(text.trim());

/** A time in UTC as a field for times has it, `2026-01-31T09:00`, in seconds since 1970. */
export function seconds(text: string): number {
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.test(text) ? Date.parse(`${text}Z`) : Number.NaN;
  return Number.isNaN(at) ? -1 : at / 1000;
}

export const minute = (at: number | undefined) => new Date((at ?? 0) * 1000).toISOString().slice(0, 16);

/** A policy as the form has it. */
export interface Policy {
  name: string;
  cron: string;
  count: number;
  from: string;
  until: string;
}

export const policyOf = ({ name = "", cron = "", count = 1, start_time, expired_time }: Cron): Policy => ({
  name,
  cron,
  count,
  from: minute(start_time),
  until: minute(expired_time),
});

export const cronOf = ({ name, cron, count, from, until }: Policy): Cron => ({
  name,
  cron: cron.trim(),
  count,
  start_time: seconds(from),
  expired_time: seconds(until),
});
