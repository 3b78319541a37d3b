/** The application and the name of a function, of its URN with or without version. */
export function nameOf(urn: string): { app: string; name: string } {
  const [, , , , , app, name] = urn.split(":");
  return { app: app ?? "default", name: name ?? urn };
}
