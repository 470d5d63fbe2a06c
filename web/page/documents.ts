/** What a document is made from. */

import type { LabelledRow, ReportAnswer, Timeline } from "../api/answers.ts";
import type { WorldMap } from "./parts/world_map_file.ts";

/** An answer with what a person calls its groups, and the same over time. */
export interface Report {
  readonly answer: Omit<ReportAnswer, "rows"> & { readonly rows: LabelledRow[] };
  readonly timeline: Timeline;
}

/** When, where and by what it is made, and what it needs of the build. */
export interface Paper {
  /** Milliseconds since 1970. */
  readonly madeMs: number;
  /** IANA's name of the time zone. */
  readonly zone: string;
  readonly version: string;
  /** The stylesheet of the pages. */
  readonly style: string;
  readonly map: WorldMap;
}
