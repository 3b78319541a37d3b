import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, defaultHighlightStyle, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { oneDark } from "@codemirror/theme-one-dark";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { useEffect, useRef } from "react";
import { nonce } from "../../shell/nonce";
import { useDark } from "../../shell/theme";
import { languageOf, readableDark } from "./languages";

interface Props {
  name: string;
  /** The id of what says how to leave it. */
  hint: string;
  text: string;
  onChange: (text: string) => void;
  onSave: () => void;
}

/** CodeMirror. The text given is where it starts; from then on it has its own. Tab indents; for two seconds after Escape it leaves. */
export function Editor({ name, hint, text, onChange, onSave }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const dark = useDark();
  const latest = useRef({ text, onChange, onSave });
  latest.current = { text, onChange, onSave };
  useEffect(() => {
    const save = () => {
      latest.current.onSave();
      return true;
    };
    const view = new EditorView({
      ...(place.current ? { parent: place.current } : {}),
      state: EditorState.create({
        doc: latest.current.text,
        extensions: [
          EditorView.cspNonce.of(nonce),
          // Before the themes, because what comes first wins: they have line numbers fainter than 4.5 : 1.
          dark ? readableDark : EditorView.theme({ ".cm-gutters": { color: "#595959" } }),
          // A file keeps the line ends it has.
          EditorState.lineSeparator.of(latest.current.text.includes("\r\n") ? "\r\n" : "\n"),
          lineNumbers(),
          history(),
          drawSelection(),
          highlightActiveLine(),
          highlightActiveLineGutter(),
          highlightSelectionMatches(),
          bracketMatching(),
          indentOnInput(),
          dark ? oneDark : syntaxHighlighting(defaultHighlightStyle, { fallback: true }),
          languageOf(name),
          keymap.of([
            { key: "Mod-s", preventDefault: true, run: save },
            ...searchKeymap,
            ...historyKeymap,
            ...defaultKeymap,
            indentWithTab,
          ]),
          EditorView.contentAttributes.of({ "aria-label": name, "aria-describedby": hint }),
          EditorView.theme({ "&": { fontSize: "13px", height: "62vh" }, ".cm-scroller": { overflow: "auto" } }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.sliceDoc());
          }),
        ],
      }),
    });
    return () => view.destroy();
  }, [name, hint, dark]);
  return <div ref={place} />;
}
