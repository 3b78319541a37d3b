type Same<T> = { [K in keyof T]: T[K] extends string ? string : Same<T[K]> };

/** A page's words in both languages; one that is missing in Chinese, or is there only in Chinese, does not compile. */
export function texts<const T>(en: T, zh: Same<T>) {
  return { en, zh };
}
