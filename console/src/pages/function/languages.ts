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
import { EditorView } from "@codemirror/view";

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

/** What goes before the dark theme, as the first wins: on its own ground several of its colours are fainter than 4.5 : 1. */
export const readableDark = EditorView.theme(
  {
    "&": { backgroundColor: "#15171c" },
    ".cm-gutters": { color: "#abb2bf", backgroundColor: "#15171c" },
    ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "#1c1f26" },
    "&.cm-merge-b .cm-changedLine, .cm-changedLine, .cm-inlineChangedLine": { backgroundColor: "#0e1b11" },
    "&.cm-merge-b .cm-changedText, .cm-changedText": { background: "none", textDecoration: "underline" },
  },
  { dark: true },
);
