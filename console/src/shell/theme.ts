import { useSyncExternalStore } from "react";

export type Theme = "light" | "dark" | "system";
const KEY = "funcd.theme";
const system = window.matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

function subscribe(changed: () => void) {
  listeners.add(changed);
  system.addEventListener("change", changed);
  return () => {
    listeners.delete(changed);
    system.removeEventListener("change", changed);
  };
}

const kept = (): Theme => {
  const theme = localStorage.getItem(KEY);
  return theme === "light" || theme === "dark" ? theme : "system";
};

export function setTheme(theme: Theme) {
  localStorage.setItem(KEY, theme);
  for (const changed of listeners) changed();
}

/** What the person chose. */
export const useTheme = () => useSyncExternalStore(subscribe, kept);

/** What that means now. */
export const useDark = () =>
  useSyncExternalStore(subscribe, () => (kept() === "system" ? system.matches : kept() === "dark"));

/** Whether the person asked the system for less motion; what opens is then there at once. */
export const isCalm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
