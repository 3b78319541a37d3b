import type { components } from "../generated/funcd";

export type Session = components["schemas"]["FuncdSession"];
export type SignIn = components["schemas"]["FuncdSignIn"];

/** The script's half of the session. Storage is per origin, port included; the cookie, which is per host, is the other half. */
const KEY = "funcd.session";
const PATH = "/console/session";

export const sessionKey = () => localStorage.getItem(KEY);

/** Forgets the session here; the server is told by `signOut`. */
export function forgetSession() {
  localStorage.removeItem(KEY);
}

/** Calls `left` when another tab signs in or out. */
export function onSessionChange(left: () => void): () => void {
  const changed = (event: StorageEvent) => {
    if (event.key === KEY) left();
  };
  window.addEventListener("storage", changed);
  return () => window.removeEventListener("storage", changed);
}

/** Why signing in failed, in the server's words. */
export class SignInError extends Error {
  constructor(
    message: string,
    readonly code: string,
  ) {
    super(message);
  }
}

export async function signIn(who: SignIn): Promise<void> {
  const answer = await fetch(PATH, {
    method: "POST",
    headers: { "content-type": "application/json", "x-funcd-console": "1" },
    body: JSON.stringify(who),
  });
  const body = await answer.json();
  if (!answer.ok) throw new SignInError(body.error_msg ?? answer.statusText, body.error_code ?? "");
  localStorage.setItem(KEY, (body as Session).key ?? "");
}

export async function signOut(): Promise<void> {
  const key = sessionKey();
  forgetSession();
  if (key) await fetch(PATH, { method: "DELETE", headers: { "x-funcd-session": key } });
}

/** The link of `funcd console`, if this page was opened by one. It is taken out of the address, where others could read it. */
export function takeLink(): string | undefined {
  const link = /^#link=([\w-]+)$/.exec(window.location.hash)?.[1];
  if (link) window.history.replaceState(null, "", window.location.pathname);
  return link;
}
