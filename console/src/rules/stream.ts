/** What is told apart of an entry of a stream, and when it was. Entries that are alike in everything are as many as they are. */
export interface Identity<T> {
  key: (one: T) => string;
  at: (one: T) => string;
}

/**
 * What is new in an answer that begins before the end of what is known: a connection that comes back asks for some time again, because
 * entries of the same moment can be on both sides of where it broke. The answer may come in pieces.
 */
export class Overlap<T> {
  private readonly seen = new Map<string, number>();
  private came = 0;
  private known = 0;

  /** `since`: from where the answer begins. */
  constructor(
    before: T[],
    since: string | undefined,
    private readonly identity: Identity<T>,
  ) {
    // Times have as many digits as they need: without its Z one is not after those with more.
    const first = since?.replace(/Z$/, "");
    const again = first === undefined ? [] : before.filter((one) => identity.at(one) >= first);
    for (const one of again) this.seen.set(identity.key(one), (this.seen.get(identity.key(one)) ?? 0) + 1);
  }

  /** Those of a piece that are not known. */
  fresh(piece: T[]): T[] {
    this.came += piece.length;
    return piece.filter((one) => {
      const key = this.identity.key(one);
      const left = this.seen.get(key) ?? 0;
      if (left === 0) return true;
      this.seen.set(key, left - 1);
      this.known += 1;
      return false;
    });
  }

  /** An answer as long as may be has nothing that should be known: something between is missing. */
  gap(most: number): boolean {
    return this.seen.size > 0 && this.known === 0 && this.came >= most;
  }
}

/** So long before a moment; times of the API have more digits than `Date` keeps, so it is earlier rather than later. */
export function before(at: string, milliseconds: number): string {
  return new Date(Date.parse(at) - milliseconds).toISOString();
}

/** Complete lines of a text that comes in pieces, and what is left of it. Empty lines say that the connection lives. */
export function lines(rest: string, piece: string): { whole: string[]; rest: string } {
  const pieces = (rest + piece).split("\n");
  const left = pieces.pop() ?? "";
  return { whole: pieces.filter(Boolean), rest: left };
}
