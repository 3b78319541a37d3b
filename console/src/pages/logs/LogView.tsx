import { Flex } from "antd";
import { useDeferredValue, useState } from "react";
import type { Call } from "../../api/call";
import { type LogLine, type LogQuery, openLog, readAll } from "../../api/stream";
import { before } from "../../rules/stream";
import { SameAs, shell } from "../../shared/SameAs";
import { StreamState } from "../../shared/StreamState";
import { type Source, useStream } from "../../shared/useStream";
import { useProject } from "../../shell/project";
import { Filters } from "./Filters";
import { LineDetails } from "./LineDetails";
import { Lines } from "./Lines";
import { Tools } from "./Tools";

/** Lines that funcd gives at once. */
const LIMIT = 10_000;
/** Lines that the page keeps. */
const KEPT = 200_000;
/** Asked for again after the connection was lost, milliseconds: so much apart the clocks of two lines may be. */
const AGAIN = 2_000;

interface Props {
  /** What cannot be changed here: the function, or the request. */
  fixed?: LogQuery;
  /** What is asked at first, and may be changed. */
  start?: LogQuery;
  height?: string;
}

/** A log as it is written: searched by funcd, followed, copied. */
export function LogView({ fixed, start = {}, height = "62vh" }: Props) {
  const project = useProject();
  const [asked, ask] = useState<LogQuery>(start);
  const [follow, setFollow] = useState(true);
  const [wrap, setWrap] = useState(false);
  const [chosen, choose] = useState<LogLine>();
  const query: LogQuery = { ...asked, ...fixed };
  const log = useStream(source(project, query), JSON.stringify([project, query]));
  // A flood must not hold up who types.
  const lines = useDeferredValue(log.entries);
  const older = useOlder(project, query, log.entries, log.prepend);
  return (
    <Flex vertical gap={12}>
      <Filters fixed={fixed ?? {}} start={start} onAsk={ask} project={project} />
      <Tools {...{ log, lines, follow, setFollow, wrap, setWrap, older }} />
      <StreamState of={log} />
      <Lines lines={lines} follow={follow} onFollow={setFollow} wrap={wrap} onChoose={choose} height={height} />
      <LineDetails line={chosen} onClose={() => choose(undefined)} />
      <SameAs {...same(project, query)} />
    </Flex>
  );
}

function source(project: string, query: LogQuery): Source<LogLine> {
  return {
    open: (since) => openLog(project, { ...query, ...(since && { since }), limit: LIMIT, follow: "true" }),
    since: (known) => {
      const last = known.at(-1);
      return last && before(last.at, AGAIN);
    },
    key: (line) => `${line.at} ${line.instance} ${line.stream} ${line.text}`,
    at: (line) => line.at,
    limit: LIMIT,
    kept: KEPT,
  };
}

/** Older lines, so many more each time; all of them once there are fewer. */
function useOlder(project: string, query: LogQuery, entries: LogLine[], prepend: (older: LogLine[]) => void) {
  const [loading, setLoading] = useState(false);
  const [failed, setFailed] = useState<unknown>();
  const first = entries[0];
  const [ended, setEnded] = useState<string>();
  const load = async () => {
    if (!first) return;
    setLoading(true);
    setFailed(undefined);
    try {
      const open = openLog(project, { ...query, until: first.at, limit: LIMIT });
      const found = await readAll<LogLine>(open, AbortSignal.timeout(60_000));
      // Those of the same moment are known already.
      const older = found.filter((line) => line.at < first.at);
      if (older.length === 0) setEnded(first.at);
      prepend(older);
    } catch (error) {
      setFailed(error);
    } finally {
      setLoading(false);
    }
  };
  return { load, loading, failed, ended: !first || ended === first.at };
}

function same(project: string, query: LogQuery): { cli?: string; rest: Call } {
  const words = new URLSearchParams(Object.entries(query).filter(([, value]) => value));
  const cli = commandLine(query);
  return { ...(cli && { cli }), rest: { method: "GET", path: `/v2/${project}/funcd/logs?${words}&follow=true` } };
}

/** `funcd logs` is about one function, and knows not every filter. */
function commandLine({ function: fn, request_id, instance, ...others }: LogQuery): string | undefined {
  if (!fn || Object.values(others).some(Boolean)) return undefined;
  const of = instance ? ` --instance ${shell(instance)}` : "";
  return `sudo funcd logs ${shell(fn)} -f${of}${request_id ? ` --request ${shell(request_id)}` : ""}`;
}
