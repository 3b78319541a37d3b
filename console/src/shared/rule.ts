import type { Rule } from "antd/es/form";

/** A rule of a field: what it must be, said when it is not. */
export const must = <T = string>(good: (value: T) => boolean, text: string): Rule => ({
  validator: (_, value: T | undefined) =>
    good((value ?? "") as T) ? Promise.resolve() : Promise.reject(new Error(text)),
});
