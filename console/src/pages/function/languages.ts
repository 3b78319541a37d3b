import { css } from "@codemirror/lang-css";
import { html } from "@codemirror/lang-html";
import { javascript } from "@codemirror/lang-javascript";
import { json } from "@codemirror/lang-json";
import { python } from "@codemirror/lang-python";
import { StreamLanguage } from "@codemirror/language";
import { go } from "@codemirror/legacy-modes/mode/go";
import { shell } from "@codemirror/legacy-modes/mode/shell";
import { toml } from "@codemirror/legacy-modes/mode/toml";
import { yaml } from "@codemirror/legacy-modes/mode/yaml";
import type { Extension } from "@codemirror/state";

const LANGUAGES: [RegExp, () => Extension][] = [
  [/\.(m?js|cjs|jsx)$/, () => javascript({ jsx: true })],
  [/\.(ts|tsx|mts|cts)$/, () => javascript({ jsx: true, typescript: true })],
  [/\.py$/, python],
  [/\.json$/, json],
  [/\.html?$/, () => html()],
  [/\.css$/, css],
  [/\.go$/, () => StreamLanguage.define(go)],
  [/\.ya?ml$/, () => StreamLanguage.define(yaml)],
  [/\.toml$/, () => StreamLanguage.define(toml)],
  [/(^|\/)bootstrap$|\.(ba)?sh$/, () => StreamLanguage.define(shell)],
];

/** What colours a file of this name. */
export const languageOf = (name: string) => LANGUAGES.find(([names]) => names.test(name))?.[1]() ?? [];
