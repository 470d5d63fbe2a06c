/**
 * The API against its own document: every route that the document names is asked on a made-up household, every answer is
 * what its schema says, and every field that a schema names is seen in an answer. The schemas against the types of the
 * code: the same fields, the same ones optional.
 */

import { Ajv2020 } from "ajv/dist/2020.js";
import ts from "typescript";
import { fromFileUrl } from "@std/path";
import { BODY_SCHEMAS, SCHEMAS } from "../../web/api/schemas.ts";
import { assert, assertEquals } from "../assert.ts";
import { LAST_NOON_MS } from "../news/archived_home.ts";
import { liveFlow } from "../cli/live_flows_server.ts";
import { householdFlows, PLUG } from "./household_flows.ts";
import { openWeb, runningLogger, type WebRig } from "./web_rig.ts";

// deno-lint-ignore no-explicit-any
type Json = any;

/** The document, with a check for each schema by its name. */
async function readDocument(web: WebRig) {
  const document: Json = await (await web.get("/api/v1/openapi.json")).json();
  const ajv = new Ajv2020({ allErrors: true, strict: false, validateFormats: false });
  ajv.addSchema(document, "api");
  const check = (name: string, value: unknown) => {
    const validate = ajv.getSchema(`api#/components/schemas/${name}`);
    assert(validate !== undefined, `the document has no schema ${name}`);
    assert(validate(value), `${name}: ${JSON.stringify(validate.errors, null, 2)}`);
  };
  return { document, check };
}

/** How each operation is asked, so that between them all fields come up; `{}` of a path filled in. */
const DEVICE = encodeURIComponent(PLUG.mac);
const ASKED: Readonly<Record<string, readonly string[]>> = {
  "GET /overview": [
    "/overview?since=30d&parts=timeline,week,device,site,country,protocol&limit=1&top=1&step=day",
    "/overview?compare=off",
  ],
  "GET /report": ["/report?since=30d&by=site,country&limit=2", "/report?by=device&since=3d"],
  "GET /timeline": [
    "/timeline?since=30d&series=site&top=1",
    "/timeline?series=none&step=hour&since=2d",
  ],
  "GET /countries": ["/countries?since=30d", "/countries?since=3d&compare=off"],
  "GET /records": ["/records?limit=5", "/records?site=iot.example&gaps=off"],
  "GET /records/{id}": [],
  "GET /places/{ip}": ["/places/203.0.113.9"],
  "GET /devices": ["/devices"],
  "GET /devices/{device}": [`/devices/${DEVICE}`, "/devices/pixel?limit=1"],
  "GET /devices/{device}/profile": [
    `/devices/${DEVICE}/profile?since=1d&compare=30d`,
    `/devices/${DEVICE}/profile?compare=60d`,
  ],
  "GET /news": ["/news?since=30d", "/news?since=30d&limit=1"],
  "GET /known": ["/known"],
  "GET /status": ["/status"],
  "GET /doctor": ["/doctor"],
  "GET /config": ["/config"],
  "GET /session": ["/session"],
  "GET /openapi.json": ["/openapi.json"],
};
const POSTED: Readonly<Record<string, readonly (readonly [path: string, body: unknown])[]>> = {
  "POST /devices/{device}/rename": [[`/devices/${DEVICE}/rename`, { name: "kitchen plug" }]],
  "POST /known/add": [
    ["/known/add", { marks: [{ kind: "site", what: "iot.example", device: PLUG.mac }] }],
    ["/known/add", {
      marks: [{ kind: "country", what: "DE" }, { kind: "device", device: PLUG.mac }],
    }],
    ["/known/add", { all: true, since: "1d" }],
  ],
  "POST /known/remove": [["/known/remove", { marks: [{ kind: "country", what: "DE" }] }]],
  "POST /flush": [["/flush", {}]],
};
/** These are asked by the tests of signing in, and of what is under way. */
const ELSEWHERE = ["POST /login", "POST /logout", "GET /live"];
/** What only comes up where something is wrong, or elsewhere. */
const UNSEEN = new Set([
  "StatusAnswer.why", // no logger: below
  "NewsRow.note",
  "NewsRow.sites",
  "SettingRow.problem",
  "SignedOutAnswer.signed_in", // before signing in: attacks_test.ts
  "SignedOutAnswer.has_password",
  "ErrorAnswer.error",
  "DeviceRow.maker",
  "Notes.first_day",
]);

Deno.test("every route answers as the document says, and every field comes up", {
  sanitizeResources: false, // the doctor looks whether there is libpcap
}, async () => {
  await using web = await openWeb({
    flows: householdFlows(),
    controls: runningLogger((looks, nowMs) => liveFlow(FLOW, looks, nowMs)),
  });
  const { document, check } = await readDocument(web);
  const seen = new SeenFields(document);
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods as Json).map((method) => `${method.toUpperCase()} ${path}`)
  );
  assertEquals(
    operations.filter((one) => !ELSEWHERE.includes(one)).sort(),
    [...Object.keys(ASKED), ...Object.keys(POSTED)].sort(),
  );
  const answerOf = (operation: string) => {
    const [method, path] = operation.split(" ");
    const { content } = document.paths[path][method.toLowerCase()].responses[200];
    return content["application/json"].schema?.$ref?.split("/").at(-1);
  };
  const take = async (operation: string, response: Response) => {
    const text = await response.text();
    assertEquals(response.status, 200, `${operation}: ${text}`);
    const name = answerOf(operation);
    if (name === undefined) return JSON.parse(text);
    check(name, JSON.parse(text));
    seen.take(name, JSON.parse(text));
    return JSON.parse(text);
  };
  for (const [operation, requests] of Object.entries(POSTED)) {
    for (const [path, body] of requests) {
      await take(operation, await web.post(`/api/v1${path}`, body));
    }
  }
  for (const [operation, paths] of Object.entries(ASKED)) {
    for (const path of paths) await take(operation, await web.get(`/api/v1${path}`));
  }
  const page = await (await web.get("/api/v1/records?limit=1")).json();
  const [{ id }] = page.records;
  const record = await take("GET /records/{id}", await web.get(`/api/v1/records/${id}`));
  assertEquals(JSON.parse(record.line), record.record);
  assertEquals(record.flow.map((line: Json) => line.id), [id]);

  const live = await fetch(`${web.url}/api/v1/live?device=tv`, {
    headers: { authorization: `Bearer ${"r".repeat(43)}` },
  });
  assertEquals(live.headers.get("content-type"), "text/event-stream");
  const events = await eventsOf(live, 2);
  for (const { event, data } of events.filter(({ event }) => event === "traffic")) {
    check("LiveTraffic", data);
    seen.take("LiveTraffic", data);
    assertEquals([event, data.state, data.devices[0].label], ["traffic", "running", "tv"]);
  }
  assertEquals(seen.missing().filter((field) => !UNSEEN.has(field)), []);
});

const FLOW = { id: "a-1", device: "tv", name: "video.example.com", perLook: 5_000_000 };

Deno.test("CSV has the columns of the table, and runs in no spreadsheet", async () => {
  await using web = await openWeb({ flows: householdFlows() });
  for (
    const [path, head] of [
      ["report?by=name&since=30d", "name,bytes,up_bytes,down_bytes,packets,flows,before_bytes"],
      ["timeline?since=30d", "time,device,up_bytes,down_bytes"],
      ["countries", "country,bytes,up_bytes,down_bytes,packets,flows,before_bytes"],
      ["records", "record,timestamp,"],
      ["devices", "device,own_name,names,maker"],
      ["news?since=30d", "kind,device,mac,what"],
      ["known", "kind,what,device"],
    ]
  ) {
    const response = await web.get(`/api/v1/${path}${path.includes("?") ? "&" : "?"}format=csv`);
    const text = await response.text();
    assertEquals(response.headers.get("content-type"), "text/csv; charset=utf-8", text);
    assert(response.headers.get("content-disposition")?.startsWith("attachment"), path);
    assert(text.startsWith(head), `${path}: ${text.slice(0, 100)}`);
  }
});

Deno.test("without a logger `status` says why, and what needs one says what to do", async () => {
  await using web = await openWeb({ flows: householdFlows() });
  const status = await (await web.get("/api/v1/status")).json();
  assertEquals(status.state, "nobody");
  assert(status.why.includes("no logger is running"));
  const flush = await web.post("/api/v1/flush", {});
  assertEquals([flush.status, flush.headers.get("retry-after")], [503, "10"]);
  assert((await flush.json()).error.includes("sudo systemctl start wifilogger"));
});

Deno.test("what an owner changes is there for the command line, too", async () => {
  await using web = await openWeb({ flows: householdFlows() });
  const path = `/api/v1/devices/${DEVICE}/rename`;
  assertEquals((await (await web.post(path, { name: "plug" })).json()).device, "plug");
  const file = `${web.home}/wifi_logger/news/owner.json`;
  assertEquals(JSON.parse(await Deno.readTextFile(file)).names, { [PLUG.mac]: "plug" });
  const overview = await (await web.get("/api/v1/overview?since=30d")).json();
  const labels = overview.parts.device.rows.map(({ label }: Json) => label);
  assert(labels.includes("plug"), labels.join());
  const before = (await (await web.get("/api/v1/news?since=30d")).json()).items;
  const { mark, label } = before.find(({ kind }: Json) => kind === "country");
  const added = await web.post("/api/v1/known/add", { marks: [mark] });
  assertEquals(await added.json(), { changed: 1 });
  const after = (await (await web.get("/api/v1/news?since=30d")).json()).items;
  assertEquals(after.length, before.length - 1);
  const known = (await (await web.get("/api/v1/known")).json()).marks;
  assertEquals(known, [{ ...mark, label, device_label: "plug" }]);
  assertEquals(await (await web.post("/api/v1/known/remove", { all: true })).json(), {
    changed: 1,
  });
  for (const body of [{ name: "" }, { name: 7 }, { name: "a\nb" }, []]) {
    assertEquals(await statusOf(web.post(path, body)), 400, JSON.stringify(body));
  }
  for (
    const body of [{}, { marks: [] }, { marks: [{ kind: "x", what: "y" }] }, {
      marks: [{ kind: "site" }],
    }]
  ) {
    assertEquals(await statusOf(web.post("/api/v1/known/add", body)), 400, JSON.stringify(body));
  }
});

async function statusOf(response: Promise<Response>): Promise<number> {
  const { status, body } = await response;
  await body?.cancel();
  return status;
}

Deno.test("a chart that nobody could look at is refused", async () => {
  const old = { endMs: LAST_NOON_MS - 500 * 24 * 3600e3, ...PLUG };
  await using web = await openWeb({ flows: [old] });
  const days = await (await web.get("/api/v1/timeline?since=600d")).json();
  assertEquals([days.step, days.times.length], ["month", days.series[0].up_bytes.length]);
  const hours = await web.get("/api/v1/timeline?since=600d&step=hour");
  assertEquals(hours.status, 400);
  assert((await hours.json()).error.includes("Take a longer step"));
});

Deno.test("rows tell what the household had not seen before the period", async () => {
  await using web = await openWeb({ flows: householdFlows() });
  await (await web.get("/api/v1/devices")).body?.cancel(); // now the ledger is there
  const rows = async (path: string) => (await (await web.get(`/api/v1/${path}`)).json());
  const isNew = (list: Json[], field: string) =>
    Object.fromEntries(list.map((row) => [row[field], row.is_new]));
  const { countries } = await rows("countries?since=4d");
  assertEquals(isNew(countries, "country"), { DE: false, FR: false, RU: true });
  const { parts } = await rows("overview?since=4d");
  assertEquals(isNew(parts.device.rows, "device"), {
    [PLUG.ip]: false,
    pixel: false,
    guest: true,
  });
  // Before the log begins nothing can be told.
  const all = await rows("countries?since=90d");
  assertEquals(isNew(all.countries, "country"), { DE: undefined, FR: undefined, RU: undefined });
});

Deno.test("what is asked wrongly is told what to write", async () => {
  await using web = await openWeb({ flows: householdFlows() });
  for (
    const [path, status, text] of [
      ["report?since=yesteryear", 400, "since=yesteryear is no moment. Write it as"],
      ["report?by=colour", 400, "by=colour is not possible. Write one of"],
      ["report?limit=0", 400, "limit=0 is not possible. Write a number from 1 to 10000"],
      ["report?colour=red", 400, "there is no parameter colour here. It takes: since"],
      ["report?since=2026-11-02&until=2026-11-01", 400, "is not before until"],
      ["report?direction=up", 400, "direction=up is not possible"],
      ["records?cursor=1", 400, "cursor=1 is none"],
      ["records/1", 400, "1 is the id of no record"],
      ["records/1000.a.0", 404, "there is no such record"],
      ["overview?parts=all", 400, "parts=all is not possible"],
      ["devices/nobody", 404, "no device is called nobody"],
      ["devices/%E0%A4%A", 400, "the address is damaged"],
      ["places/nowhere", 400, "this is no address"],
      ["nothing", 404, "there is no such thing"],
    ] as const
  ) {
    const response = await web.get(`/api/v1/${path}`);
    const { error } = await response.json();
    assertEquals(response.status, status, `${path}: ${error}`);
    assert(error.includes(text), `${path}: ${error}`);
  }
});

Deno.test("the schemas have the fields of the types, and the same ones are optional", async () => {
  const path = fromFileUrl(new URL("../../web/api/answers.ts", import.meta.url));
  const source = ts.createSourceFile(path, await Deno.readTextFile(path), ts.ScriptTarget.Latest);
  const fields = new Map<string, Set<string>>();
  const fieldsOf = (members: ts.NodeArray<ts.TypeElement>) =>
    members.filter(ts.isPropertySignature)
      .map(({ name, questionToken }) => name.getText(source) + (questionToken ? "?" : ""));
  source.forEachChild((node) => {
    if (!ts.isInterfaceDeclaration(node)) return;
    const inherited = (node.heritageClauses ?? []).flatMap(({ types }) => types)
      .flatMap(({ expression }) => [...fields.get(expression.getText(source)) ?? []]);
    fields.set(node.name.text, new Set([...inherited, ...fieldsOf(node.members)]));
  });
  for (const [name, wanted] of fields) {
    const { properties = {}, required = [] } = SCHEMAS[name] as Json;
    const found = Object.keys(properties).map((one) => required.includes(one) ? one : `${one}?`);
    assertEquals(found.sort(), [...wanted].sort(), name);
  }
  const documented = Object.keys(SCHEMAS).filter((name) => "properties" in SCHEMAS[name]);
  const types = [...fields.keys(), "Row", "LabelledRow"];
  const others = documented.filter((name) => !types.includes(name));
  assertEquals(others.filter((name) => !["AddressPlaces", "FlushReport"].includes(name)), []);
  assertEquals(Object.keys(BODY_SCHEMAS).length, 4);
});

/** Which fields of which schema were seen. */
class SeenFields {
  readonly #schemas: Record<string, Json>;
  readonly #seen = new Set<string>();
  readonly #used = new Set<string>();

  constructor(document: Json) {
    this.#schemas = document.components.schemas;
  }

  take(name: string, value: Json): void {
    this.#used.add(name);
    const { properties = {}, anyOf = [] } = this.#schemas[name];
    for (const one of anyOf) {
      const other = one.$ref?.split("/").at(-1);
      if (
        other && Object.keys(this.#schemas[other].properties).includes("csrf") === "csrf" in value
      ) {
        this.take(other, value);
      }
    }
    for (const [field, schema] of Object.entries<Json>(properties)) {
      if (value[field] === undefined) continue;
      this.#seen.add(`${name}.${field}`);
      const inner = (schema.items ?? schema.additionalProperties ?? schema)?.$ref?.split("/").at(
        -1,
      );
      if (inner === undefined) continue;
      const values = schema.$ref ? [value[field]] : Object.values(value[field]);
      for (const one of values) this.take(inner, one);
    }
  }

  /** Those of the schemas that were used. */
  missing(): string[] {
    return [...this.#used].flatMap((name) =>
      Object.keys(this.#schemas[name].properties ?? {}).map((field) => `${name}.${field}`)
    ).filter((field) => !this.#seen.has(field));
  }
}

/** The first events of a stream, which is then left. */
async function eventsOf(response: Response, count: number) {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const events: { event: string; data: Json }[] = [];
  while (events.length < count) {
    const { value, done } = await reader.read();
    if (done) break;
    text += value;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const block = text.slice(0, end);
      text = text.slice(end + 2);
      const event = /^event: (.*)$/m.exec(block)?.[1];
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (event !== undefined && data !== undefined) events.push({ event, data: JSON.parse(data) });
    }
  }
  await reader.cancel();
  return events;
}
