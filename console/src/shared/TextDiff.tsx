import { defaultHighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { unifiedMergeView } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import { oneDark } from "@codemirror/theme-one-dark";
import { EditorView, lineNumbers } from "@codemirror/view";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { languageOf, readableDark } from "../pages/function/languages";
import { nonce } from "../shell/nonce";
import { useDark } from "../shell/theme";

interface Props {
  name: string;
  from: string;
  to: string;
}

/** What changes in a text, line by line, what stays folded. It is heavy: load it lazily. */
export default function TextDiff({ name, from, to }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const dark = useDark();
  const { t } = useTranslation();
  const unchanged = t("unchangedLines");
  useEffect(() => {
    const view = new EditorView({
      ...(place.current ? { parent: place.current } : {}),
      state: EditorState.create({
        doc: to,
        extensions: [
          EditorView.cspNonce.of(nonce),
          dark ? readableDark : [],
          EditorView.theme({
            "&": { fontSize: "12px", maxHeight: "50vh" },
            ".cm-scroller": { overflow: "auto" },
            // The usual sign is in few fonts.
            "& .cm-collapsedLines:before, & .cm-collapsedLines:after": { content: '"⋮"' },
            // On the usual theme's red, words of a colour are fainter than 4.5 : 1.
            "& .cm-deletedChunk .cm-deletedText": { background: "none", textDecoration: "line-through" },
            // The usual theme has them fainter than 4.5 : 1.
            ...(dark ? {} : { ".cm-gutters": { color: "#595959" } }),
          }),
          EditorState.phrases.of({ "$ unchanged lines": unchanged }),
          EditorState.readOnly.of(true),
          EditorView.editable.of(false),
          lineNumbers(),
          dark ? oneDark : syntaxHighlighting(defaultHighlightStyle, { fallback: true }),
          languageOf(name),
          unifiedMergeView({ original: from, mergeControls: false, collapseUnchanged: { margin: 3, minSize: 6 } }),
          EditorView.contentAttributes.of({ "aria-label": name, tabindex: "0" }),
        ],
      }),
    });
    return () => view.destroy();
  }, [name, from, to, dark, unchanged]);
  return <div ref={place} />;
}
