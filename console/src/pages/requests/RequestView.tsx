import { Flex } from "antd";
import { useMemo, useState } from "react";
import { openRequests, type RequestQuery, type RequestRecord, type Skipped } from "../../api/stream";
import { before } from "../../rules/stream";
import { SameAs } from "../../shared/SameAs";
import { StreamState } from "../../shared/StreamState";
import { type Source, useStream } from "../../shared/useStream";
import { useProject } from "../../shell/project";
import { CaptureState } from "./Capture";
import { Filters } from "./Filters";
import { RequestTable } from "./RequestTable";

/** Records that funcd gives at once, and that the page keeps. */
const LIMIT = 1_000;
const KEPT = 5_000;
/** A request is found by when it began, and told when it ended: after a lost connection those of the last hour are asked for again. */
const AGAIN = 3_600_000;

type Entry = RequestRecord | Skipped;

/** Requests as they end, by how they went. */
export function RequestView({ fn }: { fn?: string }) {
  const project = useProject();
  const [asked, ask] = useState<RequestQuery>({});
  const query: RequestQuery = { ...asked, ...(fn && { function: fn }) };
  const stream = useStream(source(project, query), JSON.stringify([project, query]));
  const records = useMemo(
    () => stream.entries.filter((one): one is RequestRecord => "request_id" in one).toReversed(),
    [stream.entries],
  );
  const skipped = stream.entries.reduce((all, one) => all + ("skipped" in one ? one.skipped : 0), 0);
  const words = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
  return (
    <Flex vertical gap={12}>
      <Filters fixed={!!fn} project={project} onAsk={ask} stream={stream} skipped={skipped} />
      <CaptureState fn={fn} />
      <StreamState of={stream} />
      <RequestTable records={records} pending={stream.pending} withFunction={!query.function} />
      <SameAs rest={{ method: "GET", path: `/v2/${project}/funcd/requests?${words}&follow=true` }} />
    </Flex>
  );
}

function source(project: string, query: RequestQuery): Source<Entry> {
  return {
    open: (since) => openRequests(project, { ...query, ...(since && { since }), limit: LIMIT, follow: "true" }),
    since: (known) => {
      const last = known.findLast((one) => "started" in one);
      return last && "started" in last ? before(last.started, AGAIN) : undefined;
    },
    key: (one) => ("request_id" in one ? `${one.started} ${one.request_id}` : ""),
    at: (one) => ("started" in one ? one.started : ""),
    limit: LIMIT,
    kept: KEPT,
  };
}
