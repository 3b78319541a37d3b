import { base64 } from "../shared/base64";

/** Packages in the body of a request: blobs, which JSON has as base64. They are large: nothing here works on a whole one at once. */

/** In place of a package, where a request is shown. */
export const ELIDED = "…";

/** Bytes of a package that are encoded at once: some milliseconds. A multiple of three, so that the pieces' base64 is that of the whole. */
const PIECE = 3 * 256 * 1024;
/** Up to here a body is one text, as any other. */
const SMALL = 1024 * 1024;

/** A package where the specification has its base64. */
export const inBase64 = (content: Blob) => content as unknown as string;

/** In the order in which JSON has them. */
function blobs(value: unknown): Blob[] {
  if (value instanceof Blob) return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(blobs) : [];
}

/** Bytes of the packages in a body. */
export const packed = (body: unknown) => blobs(body).reduce((sum, blob) => sum + blob.size, 0);

/** A body as it is shown: of a package three dots. */
export const shown = (body: unknown) => JSON.stringify(body, (_, value) => (value instanceof Blob ? ELIDED : value), 2);

/** A body as it is sent. */
export async function json(body: unknown, signal?: AbortSignal): Promise<string | Blob> {
  const found = blobs(body);
  const plain = JSON.stringify(body, (_, value) => (value instanceof Blob ? "" : value));
  if (found.length === 0) return plain;
  // What stands nowhere else shows where the packages belong.
  let mark = "#";
  while (plain.includes(mark)) mark += "#";
  const around = JSON.stringify(body, (_, value) => (value instanceof Blob ? mark : value)).split(mark);
  const parts: BlobPart[] = [];
  for (const [at, text] of around.entries()) {
    const blob = found[at];
    parts.push(text, ...(blob ? await encoded(blob, signal) : []));
  }
  const whole = new Blob(parts);
  return whole.size <= SMALL ? whole.text() : whole;
}

async function encoded(blob: Blob, signal: AbortSignal | undefined): Promise<Blob[]> {
  const parts: Blob[] = [];
  for (let at = 0; at < blob.size; at += PIECE) {
    // Between two pieces the page does what else there is.
    const bytes = new Uint8Array(await blob.slice(at, at + PIECE).arrayBuffer());
    signal?.throwIfAborted();
    parts.push(new Blob([base64(bytes)]));
  }
  return parts;
}
