import { useEffect, useRef, useState } from "react";
import { ApiError } from "../api/client";
import { read } from "../api/stream";
import { type Identity, Overlap } from "../rules/stream";

/** Entries are shown together when they come together. */
const TOGETHER = 100;
const SOONEST = 500;
const LATEST = 8_000;

export interface Source<T> extends Identity<T> {
  /** Asks for what is kept since a moment (all of it at first), then for what comes. */
  open: (since: string | undefined) => (signal: AbortSignal) => Promise<{ data?: unknown; response: Response }>;
  /** From where to ask again, once what is known ends with these entries. */
  since: (known: T[]) => string | undefined;
  /** Entries of an answer at most. */
  limit: number;
  /** Entries kept in the page; older ones go. */
  kept: number;
}

export interface Stream<T> {
  entries: T[];
  /** Nothing has come yet. */
  pending: boolean;
  /** The connection broke; it is tried again. */
  lost: boolean;
  /** A search could not look at everything. */
  cut: boolean;
  /** Some that came while the connection was lost are missing. */
  gap: boolean;
  /** What the server refuses; nothing is tried again until something else is asked for. */
  refused: unknown;
  /** Puts older ones before. */
  prepend: (older: T[]) => void;
}

type State<T> = Omit<Stream<T>, "prepend">;
const START = { entries: [], pending: true, lost: false, cut: false, gap: false, refused: undefined };

/** Follows a stream as long as the page shows it; after the connection was lost it goes on without losing or doubling an entry. */
export function useStream<T>(source: Source<T>, asked: string): Stream<T> {
  const [state, setState] = useState<State<T>>(START);
  const entries = useRef<T[]>([]);
  const latest = useRef(source);
  latest.current = source;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is asked for is the text of the query
  useEffect(() => {
    const stop = new AbortController();
    entries.current = [];
    setState(START);
    void follow(latest.current, entries, (change) => setState((now) => ({ ...now, ...change })), stop.signal);
    return () => stop.abort();
  }, [asked]);
  const prepend = (older: T[]) => {
    entries.current = [...older, ...entries.current].slice(-latest.current.kept);
    setState((now) => ({ ...now, entries: entries.current }));
  };
  return { ...state, prepend };
}

type Change<T> = (change: Partial<State<T>>) => void;

async function follow<T>(source: Source<T>, entries: { current: T[] }, change: Change<T>, signal: AbortSignal) {
  let wait = SOONEST;
  while (!signal.aborted) {
    const since = source.since(entries.current);
    const connection = new Connection(source, new Overlap(entries.current, since, source), entries, change);
    try {
      await read<T>(
        source.open(since),
        (some, cut) => {
          wait = SOONEST;
          connection.take(some, cut);
        },
        signal,
      );
    } catch (error) {
      const refused = error instanceof ApiError && error.status >= 400 && error.status < 500;
      if (refused && !signal.aborted) change({ refused: error, pending: false, lost: false });
      if (refused) return;
    } finally {
      connection.end();
    }
    if (signal.aborted) return;
    change({ lost: true });
    await pause(wait, signal);
    wait = Math.min(LATEST, wait * 2);
  }
}

/** One answer: what it begins with may be known. */
class Connection<T> {
  private waiting: T[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly source: Source<T>,
    private readonly overlap: Overlap<T>,
    private readonly entries: { current: T[] },
    private readonly change: Change<T>,
  ) {}

  take(some: T[], cut: boolean) {
    if (some.length === 0) {
      this.change({ lost: false, pending: false, cut });
      return;
    }
    this.waiting.push(...some);
    this.timer ??= setTimeout(() => this.show(), TOGETHER);
  }

  end() {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.waiting.length > 0) this.show();
  }

  private show() {
    this.timer = undefined;
    const { entries, source, overlap } = this;
    const more = overlap.fresh(this.waiting);
    const gap = overlap.gap(source.limit);
    this.waiting = [];
    entries.current = [...entries.current, ...more].slice(-source.kept);
    this.change({ entries: entries.current, lost: false, pending: false, ...(gap && { gap }) });
  }
}

/** Waits, or until the browser says that the network is back. */
function pause(milliseconds: number, signal: AbortSignal) {
  return new Promise<void>((then) => {
    const end = () => {
      clearTimeout(timer);
      window.removeEventListener("online", end);
      signal.removeEventListener("abort", end);
      then();
    };
    const timer = setTimeout(end, milliseconds);
    window.addEventListener("online", end);
    signal.addEventListener("abort", end);
  });
}
