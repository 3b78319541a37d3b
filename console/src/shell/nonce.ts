/** The nonce of this page's answer: what the content-security policy asks of a style that a script adds. */
export const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";

/** Components are given the nonce, but two of their helpers (the lock of scrolling behind a dialog, the width of scroll bars) add a style
 * without asking for it. Scripts here come from this address only, so whatever they add may have it. */
export function giveNonceToStyles() {
  const create = document.createElement.bind(document) as (
    name: string,
    options?: ElementCreationOptions,
  ) => HTMLElement;
  document.createElement = ((name: string, options?: ElementCreationOptions) => {
    const made = create(name, options);
    if (name === "style") made.nonce = nonce;
    return made;
  }) as typeof document.createElement;
}
