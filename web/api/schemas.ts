/** What `answers.ts` says, as JSON Schema (2020-12) for programs; `tests/web/openapi_test.ts` holds the two together. */

type Schema = Readonly<Record<string, unknown>>;

const TEXT: Schema = { type: "string" };
const TIME: Schema = { type: "string", format: "date-time" };
const TIME_OR_NULL: Schema = { type: ["string", "null"], format: "date-time" };
const COUNT: Schema = { type: "integer", minimum: 0 };
const RATE: Schema = { type: "number", minimum: 0 };
const YES: Schema = { type: "boolean" };
const TEXTS = listOf(TEXT);
const COUNTS = listOf(COUNT);
const VALUE: Schema = { type: ["string", "number", "null"] };

function listOf(items: Schema): Schema {
  return { type: "array", items };
}

function ref(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

function oneOf(...words: readonly string[]): Schema {
  return { enum: words };
}

/** An object with these fields and no others; of an optional one the name ends with `?`. */
function object(fields: Readonly<Record<string, Schema>>): Schema {
  const entries = Object.entries(fields);
  return {
    type: "object",
    properties: Object.fromEntries(entries.map(([name, schema]) => [plain(name), schema])),
    required: entries.map(([name]) => name).filter((name) => !name.endsWith("?")),
    additionalProperties: false,
  };
}

/** An object with these fields, and one for each dimension that was asked by. */
function rowOf(fields: Readonly<Record<string, Schema>>): Schema {
  return { ...object(fields), additionalProperties: VALUE };
}

function plain(name: string): string {
  return name.replace(/\?$/, "");
}

/** Something that is described elsewhere. */
function foreign(description: string): Schema {
  return { type: "object", description };
}

const PERIOD = { since: TIME, until: TIME };
const SUMS = { bytes: COUNT, up_bytes: COUNT, down_bytes: COUNT, packets: COUNT, flows: COUNT };
const SUMS_BESIDE = { ...SUMS, "before_bytes?": COUNT };
const SERIES = { up_bytes: COUNTS, down_bytes: COUNTS };
const TIMELINE = {
  step: oneOf("hour", "day", "month"),
  by: { type: ["string", "null"] },
  times: listOf(TIME),
  series: listOf(object({ value: VALUE, label: TEXT, ...SERIES })),
  "rest?": object({ series: COUNT, ...SERIES }),
};
const RECORD: Schema = foreign("a record of the log, as docs/record.schema.json has it");
const DEVICE = {
  id: TEXT,
  device: TEXT,
  "own_name?": TEXT,
  names: TEXTS,
  "maker?": TEXT,
  macs: TEXTS,
  random_mac: YES,
  ips: TEXTS,
  first: TIME,
  last: TIME,
  bytes: COUNT,
  up_bytes: COUNT,
  down_bytes: COUNT,
  flows: COUNT,
  query: TEXT,
};
const MARK = {
  kind: oneOf("device", "site", "country", "owner", "service", "limit"),
  "what?": TEXT,
  "device?": TEXT,
};
const LIVE_ROW = {
  label: TEXT,
  flows: COUNT,
  up_rate: RATE,
  down_rate: RATE,
  up_bytes: COUNT,
  down_bytes: COUNT,
};
const STATE = oneOf("running", "waiting", "nobody", "refused");

/** By the names that they have in `answers.ts`. */
export const SCHEMAS: Readonly<Record<string, Schema>> = {
  Sums: object(SUMS),
  SumsBeside: object(SUMS_BESIDE),
  Period: object(PERIOD),
  Row: rowOf({ ...SUMS_BESIDE, "is_new?": YES }),
  LabelledRow: rowOf({ ...SUMS_BESIDE, "is_new?": YES, label: TEXT }),
  More: object({ rows: COUNT, bytes: COUNT }),
  Gap: object({ hour: TIME, reason: TEXT, records: COUNT, count: COUNT }),
  Notes: object({
    "first_day?": TEXT,
    rounded_days: TEXTS,
    silent_days: TEXTS,
    other_bytes: COUNT,
    foreign_lines: COUNT,
    faults: TEXTS,
  }),
  ReportAnswer: object({
    ...PERIOD,
    by: TEXTS,
    "before?": ref("Period"),
    total: ref("SumsBeside"),
    rows: listOf(ref("Row")),
    more: ref("More"),
    evidence: listOf(ref("Row")),
    gaps: listOf(ref("Gap")),
    notes: ref("Notes"),
  }),
  Part: object({ rows: listOf(ref("LabelledRow")), more: ref("More") }),
  Series: object(SERIES),
  Timeline: object(TIMELINE),
  TimelineAnswer: object({ ...PERIOD, ...TIMELINE, notes: ref("Notes") }),
  Week: object({ up_bytes: listOf(COUNTS), down_bytes: listOf(COUNTS) }),
  OverviewAnswer: object({
    ...PERIOD,
    "before?": ref("Period"),
    total: ref("SumsBeside"),
    "timeline?": ref("Timeline"),
    "week?": ref("Week"),
    parts: { type: "object", additionalProperties: ref("Part") },
    evidence: listOf(ref("Row")),
    gaps: listOf(ref("Gap")),
    notes: ref("Notes"),
  }),
  Country: object({ country: TEXT, name: TEXT, ...SUMS_BESIDE, "is_new?": YES }),
  CountriesAnswer: object({
    ...PERIOD,
    "before?": ref("Period"),
    total: ref("SumsBeside"),
    countries: listOf(ref("Country")),
    notes: ref("Notes"),
  }),
  RecordEntry: object({ id: TEXT, record: RECORD }),
  RecordsAnswer: object({
    since: TIME_OR_NULL,
    until: TIME_OR_NULL,
    records: listOf(ref("RecordEntry")),
    next: { type: ["string", "null"] },
    searched_to: TIME_OR_NULL,
    foreign_lines: COUNT,
    faults: TEXTS,
  }),
  FlowLine: object({
    id: TEXT,
    at: TIME,
    part: COUNT,
    bytes: COUNT,
    packets: COUNT,
    end_reason: TEXT,
  }),
  RecordAnswer: object({ id: TEXT, record: RECORD, line: TEXT, flow: listOf(ref("FlowLine")) }),
  AddressPlaces: foreign("as `wifilogger lookup --format json` has it"),
  DeviceRow: object(DEVICE),
  DevicesAnswer: object({ devices: listOf(ref("DeviceRow")), faults: TEXTS }),
  Mark: object(MARK),
  First: object({
    kind: oneOf("site", "country", "owner", "service"),
    what: TEXT,
    label: TEXT,
    first: TIME,
    last: TIME,
    bytes: COUNT,
    up_bytes: COUNT,
    down_bytes: COUNT,
    flows: COUNT,
    evidence: TEXT,
    mark: ref("Mark"),
    known: YES,
  }),
  DeviceAnswer: object({ ...DEVICE, firsts: listOf(ref("First")), more: COUNT }),
  Behind: object({
    view: oneOf("report", "records"),
    query: { type: "object", additionalProperties: TEXT },
  }),
  NewsRow: object({
    kind: TEXT,
    "device?": TEXT,
    "mac?": TEXT,
    "what?": TEXT,
    weight: oneOf("weighty", "plain", "small"),
    first: TIME,
    last: TIME,
    bytes: COUNT,
    up_bytes: COUNT,
    down_bytes: COUNT,
    evidence: TEXT,
    "sites?": COUNT,
    "note?": TEXT,
    command: TEXT,
    label: TEXT,
    mark: ref("Mark"),
    behind: ref("Behind"),
  }),
  NewsAnswer: object({
    since: TIME,
    until: TIME_OR_NULL,
    items: listOf(ref("NewsRow")),
    counts: object({ weighty: COUNT, plain: COUNT, small: COUNT }),
    more: COUNT,
    forgotten: object({ entries: COUNT, devices: COUNT, other_bytes: COUNT }),
    faults: TEXTS,
  }),
  KnownMarkRow: object({ ...MARK, label: TEXT, "device_label?": TEXT }),
  KnownAnswer: object({ marks: listOf(ref("KnownMarkRow")) }),
  ChangedAnswer: object({ changed: COUNT }),
  ProfileAnswer: object({
    ...PERIOD,
    device: TEXT,
    macs: TEXTS,
    days: COUNT,
    contacts: listOf(ref("Contact")),
    "new?": listOf(ref("Contact")),
    "gone?": listOf(ref("Contact")),
  }),
  Contact: object({
    "name?": TEXT,
    "site?": TEXT,
    "owner?": TEXT,
    service: TEXT,
    direction: TEXT,
    days: COUNT,
    flows: COUNT,
    up_bytes: COUNT,
    down_bytes: COUNT,
    regular: YES,
  }),
  StatusAnswer: object({
    state: STATE,
    "why?": TEXT,
    "logger?": foreign("as `wifilogger status --format json` has it"),
    "vantage?": oneOf("network", "one-sided", "self", "nothing"),
    "sees?": TEXT,
    outputs: listOf(foreign("as `wifilogger status --format json` has it")),
    receivers: listOf(foreign("as `wifilogger status --format json` has it")),
  }),
  FindingRow: object({
    level: oneOf("ok", "warn", "bad"),
    what: TEXT,
    why: TEXT,
    "command?": TEXT,
  }),
  DoctorAnswer: object({ findings: listOf(ref("FindingRow")) }),
  SettingRow: object({
    name: TEXT,
    "flag?": TEXT,
    value: { type: ["string", "null"] },
    from: TEXT,
    "problem?": TEXT,
  }),
  ConfigAnswer: object({
    settings: listOf(ref("SettingRow")),
    unknown: listOf(object({ name: TEXT, from: TEXT, closest: TEXT })),
    env_file: TEXT,
  }),
  FlushReport: foreign("what was moved, and to which files"),
  SignedOutAnswer: object({ signed_in: { const: false }, has_password: YES }),
  SignedInAnswer: object({
    signed_in: { const: true },
    csrf: TEXT,
    ends: TIME_OR_NULL,
    may_change: YES,
    version: TEXT,
    host: TEXT,
    time_zone: TEXT,
    now: TIME,
    has_password: YES,
  }),
  SessionAnswer: { anyOf: [ref("SignedOutAnswer"), ref("SignedInAnswer")] },
  LiveRow: object(LIVE_ROW),
  LiveFlow: object({
    ...LIVE_ROW,
    flow: foreign("as `GET /v1/flows` of the control socket has it"),
  }),
  LiveTraffic: object({
    at: TIME,
    state: STATE,
    flows: COUNT,
    up_rate: RATE,
    down_rate: RATE,
    devices: listOf(ref("LiveRow")),
    rows: listOf(ref("LiveFlow")),
  }),
  ErrorAnswer: object({ error: TEXT }),
};

/** What requests bring. */
export const BODY_SCHEMAS: Readonly<Record<string, Schema>> = {
  LoginBody: object({ password: TEXT }),
  RenameBody: object({ name: { type: ["string", "null"] } }),
  AddMarksBody: {
    anyOf: [
      object({ marks: listOf(ref("Mark")) }),
      object({ all: { const: true }, "since?": TEXT }),
    ],
  },
  RemoveMarksBody: {
    anyOf: [object({ marks: listOf(ref("Mark")) }), object({ all: { const: true } })],
  },
};
