/** A message of HTTP/1.1 as text, taken apart; what is no message is all body. */
export function messageOf(text: string): { status: number; reason: string; headers: [string, string][]; body: string } {
  const end = text.indexOf("\r\n\r\n");
  const lines = (end < 0 ? "" : text.slice(0, end)).split("\r\n");
  const first = /^HTTP\/[\d.]+ (\d{3}) ?(.*)$/.exec(lines[0] ?? "");
  if (!first) return { status: 0, reason: "", headers: [], body: text };
  const headers = lines.slice(1).map((line): [string, string] => {
    const at = line.indexOf(":");
    return [line.slice(0, at), line.slice(at + 1).trim()];
  });
  return { status: Number(first[1]), reason: first[2] ?? "", headers, body: text.slice(end + 4) };
}

/** The parts of a `Server-Timing` header: names and milliseconds. */
export function timingsOf(header: string | undefined): { name: string; ms: number }[] {
  return (header ?? "").split(",").flatMap((part) => {
    const [name = "", ...rest] = part.trim().split(";");
    const duration = rest.map((one) => /^\s*dur=([\d.]+)/.exec(one)?.[1]).find(Boolean);
    return name && duration ? [{ name, ms: Number(duration) }] : [];
  });
}
