import { Inflate, inflateSync } from "fflate";

/** The central directory of a zip, read in the browser: enough to look into a package before it is sent, and to edit its files.
 * What is doubtful beyond that the server finds. */
export interface Entry {
  /** As it stands in the archive; a folder's ends with `/`. */
  name: string;
  /** Unix mode with the file type; undefined where the archive has none (made on Windows). */
  mode: number | undefined;
  size: number;
  /** Compressed bytes. */
  packed: number;
  method: number;
  crc: number;
  encrypted: boolean;
  /** Where its local header starts. */
  offset: number;
}

/** Not a zip, or a damaged one. */
export class ZipError extends Error {}

const END = 0x06054b50;
const END_BYTES = 22;
const RECORD = 0x02014b50;
const RECORD_BYTES = 46;
const LOCAL = 0x04034b50;
const LOCAL_BYTES = 30;
const UNSAID = 0xffffffff;

/** The only host whose members have no Unix mode, whatever stands there. */
const DOS = 0;

/** What the archive says it has. */
export function readZip(zip: Uint8Array): Entry[] {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  const end = findEnd(view);
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  if (count === 0xffff || at === UNSAID) throw new ZipError("zip64");
  const entries: Entry[] = [];
  for (let read = 0; read < count; read += 1) {
    if (at + RECORD_BYTES > end || view.getUint32(at, true) !== RECORD) throw new ZipError("damaged");
    const nameBytes = view.getUint16(at + 28, true);
    const mode = view.getUint32(at + 38, true) >>> 16;
    const hasMode = view.getUint16(at + 4, true) >> 8 !== DOS && mode !== 0;
    entries.push({
      name: new TextDecoder().decode(zip.subarray(at + RECORD_BYTES, at + RECORD_BYTES + nameBytes)),
      mode: hasMode ? mode : undefined,
      size: view.getUint32(at + 24, true),
      packed: view.getUint32(at + 20, true),
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      encrypted: (view.getUint16(at + 8, true) & 1) === 1,
      offset: view.getUint32(at + 42, true),
    });
    at += RECORD_BYTES + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return entries;
}

/** The end record is the last thing but for a comment of at most 65,535 bytes. */
function findEnd(view: DataView): number {
  for (let at = view.byteLength - END_BYTES; at >= Math.max(0, view.byteLength - END_BYTES - 0xffff); at -= 1) {
    if (view.getUint32(at, true) === END) return at;
  }
  throw new ZipError("not a zip");
}

/** A file's bytes as they are in the archive. */
export function packedBytes(zip: Uint8Array, entry: Entry): Uint8Array {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  const { offset } = entry;
  if (offset + LOCAL_BYTES > zip.length || view.getUint32(offset, true) !== LOCAL) throw new ZipError("damaged");
  const start = offset + LOCAL_BYTES + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
  if (start + entry.packed > zip.length) throw new ZipError("damaged");
  return zip.subarray(start, start + entry.packed);
}

/** A whole file. */
export function content(zip: Uint8Array, entry: Entry): Uint8Array {
  const packed = packedBytes(zip, entry);
  if (entry.encrypted) throw new ZipError("encrypted");
  if (entry.method === 0) return packed;
  if (entry.method !== 8) throw new ZipError(`method ${entry.method}`);
  try {
    return inflateSync(packed, { out: new Uint8Array(entry.size) });
  } catch {
    throw new ZipError("damaged");
  }
}

/** The first bytes of a file, however large it is. */
export function head(zip: Uint8Array, entry: Entry, bytes: number): Uint8Array {
  if (entry.method === 0 || entry.size <= bytes) return content(zip, entry).subarray(0, bytes);
  if (entry.encrypted || entry.method !== 8) throw new ZipError(`method ${entry.method}`);
  const packed = packedBytes(zip, entry);
  const parts: Uint8Array[] = [];
  let length = 0;
  const inflate = new Inflate((part) => {
    parts.push(part);
    length += part.length;
  });
  const step = 16 * 1024;
  for (let at = 0; at < packed.length && length < bytes; at += step) {
    inflate.push(packed.subarray(at, at + step), at + step >= packed.length);
  }
  return joined(parts, Math.min(length, bytes));
}

function joined(parts: Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    const fits = part.subarray(0, length - at);
    whole.set(fits, at);
    at += fits.length;
    if (at === length) break;
  }
  return whole;
}

/** Whether bytes are text that an editor can show and write back unchanged. */
export function asText(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
