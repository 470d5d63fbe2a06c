/** What the server tells as it happens, while somebody looks. */

import { useEffect, useRef } from "preact/hooks";
import type { LiveTraffic, RecordEntry } from "../../api/answers.ts";

/** Who is told of what comes. */
export interface LiveListeners {
  readonly traffic?: (traffic: LiveTraffic) => void;
  readonly record?: (entry: RecordEntry) => void;
  /** So many records came that they are not sent. */
  readonly skipped?: (records: number) => void;
}

/** Listens while the page is looked at. @param query of `/api/v1/live`; `undefined` listens to nothing */
export function useLive(query: string | undefined, listeners: LiveListeners): void {
  const latest = useRef(listeners);
  latest.current = listeners;
  useEffect(() => {
    if (query === undefined) return;
    let source: EventSource | undefined;
    const open = () => {
      source = new EventSource(`/api/v1/live?${query}`);
      const on = <T>(event: string, tell: (data: T) => void) =>
        source!.addEventListener(event, ({ data }) => tell(JSON.parse(data)));
      on<LiveTraffic>("traffic", (traffic) => latest.current.traffic?.(traffic));
      on<RecordEntry>("record", (entry) => latest.current.record?.(entry));
      on<{ records: number }>("skipped", ({ records }) => latest.current.skipped?.(records));
      on("end", () => source?.close());
    };
    const look = () => {
      source?.close();
      if (!document.hidden) open();
    };
    look();
    document.addEventListener("visibilitychange", look);
    return () => {
      source?.close();
      document.removeEventListener("visibilitychange", look);
    };
  }, [query]);
}
