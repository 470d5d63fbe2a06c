/**
 * What the API answers, field by field; `web/api/schemas.ts` says the same to programs. Times are RFC 3339, bytes those of
 * IP packets: up what the device sent, down what it received.
 */

import type { LiveFlowRecord } from "../../service/control/live_flows.ts";
import type { LoggerStatus, WaitingStatus } from "../../service/control/logger_status.ts";
import type { LogRecord } from "../../record/log_record.ts";

export interface Sums {
  bytes: number;
  up_bytes: number;
  down_bytes: number;
  packets: number;
  flows: number;
}

/** Sums beside those of the period before; absent where nothing is compared. */
export interface SumsBeside extends Sums {
  before_bytes?: number;
}

export interface Period {
  since: string;
  until: string;
}

/** A field for each dimension that is asked by, then the sums. */
export type Row = SumsBeside & { is_new?: boolean } & {
  [dimension: string]: string | number | boolean | null | undefined;
};

/** What is missing in an hour, for one reason. */
export interface Gap {
  hour: string;
  reason: string;
  records: number;
  count: number;
}

/** How far the figures reach. */
export interface Notes {
  first_day?: string;
  rounded_days: readonly string[];
  silent_days: readonly string[];
  other_bytes: number;
  foreign_lines: number;
  faults: readonly string[];
}

/** Rows that a limit cut. */
export interface More {
  rows: number;
  bytes: number;
}

/** As `report --format json`, and what the limit cut. */
export interface ReportAnswer extends Period {
  by: readonly string[];
  before?: Period;
  total: SumsBeside;
  rows: Row[];
  more: More;
  evidence: Row[];
  gaps: Gap[];
  notes: Notes;
}

/** A row with what a person calls it: `Germany` for `DE`. */
export type LabelledRow = Row & { label: string };

/** Sums by one dimension. */
export interface Part {
  rows: LabelledRow[];
  more: More;
}

/** Bytes in each step of a timeline. */
export interface Series {
  up_bytes: number[];
  down_bytes: number[];
}

export interface Timeline {
  step: "hour" | "day" | "month";
  by: string | null;
  /** The beginning of each step, without holes, up to now. */
  times: string[];
  /** The most bytes first. */
  series: (Series & { value: string | number | null; label: string })[];
  /** The other series, summed; absent where there are none. */
  rest?: Series & { series: number };
}

export interface TimelineAnswer extends Period, Timeline {
  notes: Notes;
}

/** `[weekday, from Monday on][hour]`, in the logger's local time. */
export interface Week {
  up_bytes: number[][];
  down_bytes: number[][];
}

/** What a page needs, in one reading of the log. */
export interface OverviewAnswer extends Period {
  before?: Period;
  total: SumsBeside;
  timeline?: Timeline;
  week?: Week;
  /** By dimension. */
  parts: { [dimension: string]: Part };
  evidence: Row[];
  gaps: Gap[];
  notes: Notes;
}

export interface Country extends SumsBeside {
  /** Two letters, or `unknown`. */
  country: string;
  name: string;
  is_new?: boolean;
}

export interface CountriesAnswer extends Period {
  before?: Period;
  total: SumsBeside;
  countries: Country[];
  notes: Notes;
}

export interface RecordEntry {
  id: string;
  record: LogRecord;
}

/** A page of records, the newest first. */
export interface RecordsAnswer {
  /** null: from the beginning of the log. */
  since: string | null;
  /** null: up to now. */
  until: string | null;
  records: RecordEntry[];
  /** The cursor of the next page; null: there is nothing older. */
  next: string | null;
  /** Everything newer has been looked at. */
  searched_to: string | null;
  foreign_lines: number;
  faults: readonly string[];
}

/** Another line of a record's flow. */
export interface FlowLine {
  id: string;
  at: string;
  part: number;
  bytes: number;
  packets: number;
  end_reason: string;
}

export interface RecordAnswer extends RecordEntry {
  /** As it stands in the log. */
  line: string;
  /** The lines of its flow of that day, itself among them, the oldest first. */
  flow: FlowLine[];
}

export interface DeviceRow {
  /** Its first MAC address, or what it has instead. */
  id: string;
  device: string;
  own_name?: string;
  names: readonly string[];
  maker?: string;
  macs: readonly string[];
  random_mac: boolean;
  ips: readonly string[];
  first: string;
  last: string;
  bytes: number;
  up_bytes: number;
  down_bytes: number;
  flows: number;
  /** The word for `device=` that finds its records. */
  query: string;
}

export interface DevicesAnswer {
  devices: DeviceRow[];
  faults: readonly string[];
}

/** Something that the owner has looked at, or may look at: on one device, or on any. */
export interface Mark {
  kind: "device" | "site" | "country" | "owner" | "service" | "limit";
  what?: string;
  device?: string;
}

/** Something that a device has met. */
export interface First {
  kind: "site" | "country" | "owner" | "service";
  what: string;
  label: string;
  first: string;
  last: string;
  bytes: number;
  up_bytes: number;
  down_bytes: number;
  flows: number;
  evidence: string;
  mark: Mark;
  known: boolean;
}

export interface DeviceAnswer extends DeviceRow {
  /** What was met last for the first time stands first. */
  firsts: First[];
  /** Firsts that the limit cut. */
  more: number;
}

/** What shows the lines behind something. */
export interface Behind {
  view: "report" | "records";
  query: { [parameter: string]: string };
}

export interface NewsRow {
  kind: string;
  device?: string;
  mac?: string;
  what?: string;
  weight: "weighty" | "plain" | "small";
  first: string;
  last: string;
  bytes: number;
  up_bytes: number;
  down_bytes: number;
  evidence: string;
  sites?: number;
  note?: string;
  command: string;
  /** In a person's words. */
  label: string;
  mark: Mark;
  behind: Behind;
}

export interface NewsAnswer {
  since: string;
  /** null: up to now. */
  until: string | null;
  items: NewsRow[];
  counts: { weighty: number; plain: number; small: number };
  /** Items that the limit cut. */
  more: number;
  forgotten: { entries: number; devices: number; other_bytes: number };
  faults: readonly string[];
}

export interface KnownMarkRow extends Mark {
  label: string;
  device_label?: string;
}

export interface KnownAnswer {
  marks: KnownMarkRow[];
}

export interface ChangedAnswer {
  changed: number;
}

/** As `profile --format json`. */
export interface ProfileAnswer extends Period {
  device: string;
  macs: readonly string[];
  days: number;
  contacts: Contact[];
  new?: Contact[];
  gone?: Contact[];
}

export interface Contact {
  name?: string;
  site?: string;
  owner?: string;
  service: string;
  direction: string;
  days: number;
  flows: number;
  up_bytes: number;
  down_bytes: number;
  regular: boolean;
}

/** Whether a logger answers. */
export type LoggerState = "running" | "waiting" | "nobody" | "refused";

export interface StatusAnswer {
  state: LoggerState;
  /** Why nobody can be asked, or for what it waits. */
  why?: string;
  /** As `status --format json`. */
  logger?: LoggerStatus | WaitingStatus;
  vantage?: "network" | "one-sided" | "self" | "nothing";
  /** What this machine can see, in a sentence. */
  sees?: string;
  outputs: readonly unknown[];
  receivers: readonly unknown[];
}

export interface FindingRow {
  level: "ok" | "warn" | "bad";
  what: string;
  why: string;
  command?: string;
}

export interface DoctorAnswer {
  findings: FindingRow[];
}

export interface SettingRow {
  name: string;
  flag?: string;
  /** Of a secret whether it is set. */
  value: string | null;
  from: string;
  problem?: string;
}

export interface ConfigAnswer {
  settings: SettingRow[];
  unknown: { name: string; from: string; closest: string }[];
  env_file: string;
}

export interface SignedOutAnswer {
  signed_in: false;
  has_password: boolean;
}

export interface SignedInAnswer {
  signed_in: true;
  /** For the header `X-CSRF-Token`; empty for who shows a token. */
  csrf: string;
  ends: string | null;
  may_change: boolean;
  version: string;
  host: string;
  /** The logger's, as IANA names it. */
  time_zone: string;
  now: string;
  has_password: boolean;
}

export type SessionAnswer = SignedOutAnswer | SignedInAnswer;

export interface ErrorAnswer {
  error: string;
}

/** What is under way, every two seconds. */
export interface LiveTraffic {
  at: string;
  state: LoggerState;
  /** Flows under way. */
  flows: number;
  /** Bytes a second. */
  up_rate: number;
  down_rate: number;
  /** The fastest first. */
  devices: LiveRow[];
  rows: LiveFlow[];
}

export interface LiveRow {
  label: string;
  flows: number;
  up_rate: number;
  down_rate: number;
  up_bytes: number;
  down_bytes: number;
}

export interface LiveFlow extends LiveRow {
  flow: LiveFlowRecord;
}
