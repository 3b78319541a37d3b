import { deflateSync } from "fflate";

/** A zip that is written in the browser. Files that come from another zip come as they are in it: to unpack and pack 50 MB again would hold up
 * the page for seconds. */
export interface Part {
  /** A folder's ends with `/`. */
  name: string;
  /** Unix mode with the file type; undefined leaves it unsaid. */
  mode: number | undefined;
  method: number;
  crc: number;
  size: number;
  /** As the method makes them. */
  packed: Uint8Array;
}

const LOCAL = 0x04034b50;
const RECORD = 0x02014b50;
const END = 0x06054b50;
/** Version 2.0 of the format; the higher byte of who made it says whose modes these are. */
const VERSION = 20;
const UNIX = 3 << 8;
const UTF8 = 0x800;
/** The first day there is. A time of its own would make another package of the same files. */
const DATE = 0x21;

const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

export function crc32(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (let at = 0; at < bytes.length; at += 1) value = (CRC[(value ^ (bytes[at] ?? 0)) & 0xff] ?? 0) ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}

/** A file that is not packed yet. */
export const partOf = (name: string, bytes: Uint8Array, mode: number | undefined): Part => ({
  name,
  mode,
  method: 8,
  crc: crc32(bytes),
  size: bytes.length,
  packed: deflateSync(bytes, { level: 6 }),
});

/** Fields of two and four bytes, the lower ones first. */
function fields(...all: [2 | 4, number][]): Uint8Array {
  const bytes = new Uint8Array(all.reduce((sum, [width]) => sum + width, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [width, value] of all) {
    if (width === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += width;
  }
  return bytes;
}

/** What the local header and the record of a file have in common. */
const common = ({ method, crc, size, packed }: Part, name: Uint8Array, flags: number): [2 | 4, number][] => [
  [2, VERSION],
  [2, flags],
  [2, method],
  [2, 0],
  [2, DATE],
  [4, crc],
  [4, packed.length],
  [4, size],
  [2, name.length],
  [2, 0],
];

/** The whole zip. Parts are few and small enough for the form without zip64: the rules for packages see to it. */
export function archive(parts: readonly Part[]): Uint8Array<ArrayBuffer> {
  const files: Uint8Array[] = [];
  const records: Uint8Array[] = [];
  let offset = 0;
  for (const part of parts) {
    const name = new TextEncoder().encode(part.name);
    const shared = common(part, name, name.length === part.name.length ? 0 : UTF8);
    const [by, mode] = part.mode === undefined ? [0, 0] : [UNIX, (part.mode << 16) >>> 0];
    const local = [fields([4, LOCAL], ...shared), name, part.packed];
    records.push(
      fields([4, RECORD], [2, by | VERSION], ...shared, [2, 0], [2, 0], [2, 0], [4, mode], [4, offset]),
      name,
    );
    files.push(...local);
    offset += local.reduce((sum, one) => sum + one.length, 0);
  }
  const directory = records.reduce((sum, one) => sum + one.length, 0);
  const count = parts.length;
  const end = fields([4, END], [2, 0], [2, 0], [2, count], [2, count], [4, directory], [4, offset], [2, 0]);
  return joined([...files, ...records, end]);
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, one) => sum + one.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
