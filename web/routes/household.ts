/** Routes to the household: its devices, what is new, what its owner knows and calls things. */

import { householdNews } from "../../news/household_news.ts";
import { UnusableName, withMarks, withName, withoutMarks } from "../../news/owner/owner_changes.ts";
import { isMarked, type KnownMark, markOf } from "../../news/owner/owner_file.ts";
import { mudFile } from "../../news/profile/mud_file.ts";
import { readProfile } from "../../news/profile/profile.ts";
import { deviceFields, devicesCsv } from "../../news/render/devices_text.ts";
import { markFields, marksCsv } from "../../news/render/marks_text.ts";
import { newsCsv, newsFields } from "../../news/render/news_text.ts";
import { changesBetween, profileFields } from "../../news/render/profile_text.ts";
import { type DeviceFirst, deviceFirsts } from "../../news/rules/device_firsts.ts";
import { type Device, queryWord } from "../../news/rules/household_devices.ts";
import {
  countryName,
  NEWS_KINDS,
  type NewsItem,
  recordsBehind,
  serviceName,
  WEIGHTS,
  whatText,
} from "../../news/rules/news_item.ts";
import { NoOneDevice } from "../../news/rules/no_one_device.ts";
import { oneDevice } from "../../news/rules/one_device.ts";
import { readFilter, readMoment, WrongWord } from "../../report/question/written_question.ts";
import type {
  ChangedAnswer,
  DeviceAnswer,
  DeviceRow,
  DevicesAnswer,
  First,
  KnownAnswer,
  Mark,
  NewsAnswer,
  NewsRow,
} from "../api/answers.ts";
import { HttpFault } from "../door/http_fault.ts";
import type { Desk } from "./desk.ts";
import { NO_PREFIX, type QueryWords } from "./query_words.ts";
import {
  type Asked,
  csv,
  json,
  limitParameter,
  objectOf,
  PERIOD,
  type Route,
  timeOrNull,
} from "./route.ts";

const WEEK_MS = 7 * 24 * 3600e3;
const MONTH_MS = 30 * 24 * 3600e3;
const MAX_FIRSTS = 10_000;
const MAX_NEWS = 5_000;
/** Marks that one request may bring. */
const MAX_MARKS = 1_000;

export const HOUSEHOLD_ROUTES: readonly Route[] = [
  {
    method: "GET",
    path: "devices",
    about: "every device, the one that was seen last first",
    parameters: [],
    answer: "DevicesAnswer",
    formats: ["csv"],
    run: devices,
  },
  {
    method: "GET",
    path: "devices/{device}",
    about: "a device, and everything that it has met",
    parameters: [limitParameter("firsts", MAX_FIRSTS)],
    answer: "DeviceAnswer",
    run: device,
  },
  {
    method: "GET",
    path: "devices/{device}/profile",
    about: "what a device speaks to regularly, as `wifilogger profile`",
    parameters: [...PERIOD, {
      name: "compare",
      about: "the beginning of what it is compared with",
    }],
    answer: "ProfileAnswer",
    formats: ["mud"],
    run: profile,
  },
  {
    method: "POST",
    path: "devices/{device}/rename",
    about: "gives a device a name of its owner's, or takes it away",
    parameters: [],
    body: "RenameBody",
    answer: "DeviceAnswer",
    run: rename,
  },
  {
    method: "GET",
    path: "news",
    about: "what was not there before, the weightiest first",
    parameters: [
      ...PERIOD,
      { name: "device", about: "the device's name, address or MAC address" },
      limitParameter("items", MAX_NEWS),
    ],
    answer: "NewsAnswer",
    formats: ["csv"],
    run: news,
  },
  {
    method: "GET",
    path: "known",
    about: "what the owner has marked as known",
    parameters: [],
    answer: "KnownAnswer",
    formats: ["csv"],
    run: known,
  },
  {
    method: "POST",
    path: "known/add",
    about: "marks things as known, or all that is new",
    parameters: [],
    body: "AddMarksBody",
    answer: "ChangedAnswer",
    run: addMarks,
  },
  {
    method: "POST",
    path: "known/remove",
    about: "takes marks away, or all of them",
    parameters: [],
    body: "RemoveMarksBody",
    answer: "ChangedAnswer",
    run: removeMarks,
  },
];

async function devices({ words, desk }: Asked): Promise<Response> {
  const { devices, kept } = await desk.devices();
  const makerOf = await desk.makers();
  const sorted = devices.sort((a, b) => b.last - a.last);
  if (words.value("format") === "csv") return csv(devicesCsv(sorted, makerOf), "devices");
  const body: DevicesAnswer = {
    devices: await Promise.all(sorted.map((one) => rowOf(one, desk))),
    faults: kept.faults.map(({ message }) => message),
  };
  return json(body);
}

async function device({ words, inPath, desk }: Asked): Promise<Response> {
  const limit = words.number("limit", { otherwise: 200, most: MAX_FIRSTS });
  const { devices, kept } = await desk.devices();
  const found = deviceCalled(devices, inPath.device);
  const isKnown = isMarked((await desk.owner()).known);
  const firsts = deviceFirsts(kept.ledger, found);
  const body: DeviceAnswer = {
    ...await rowOf(found, desk),
    firsts: firsts.slice(0, limit).map((first) => firstOf(first, found, isKnown)),
    more: Math.max(0, firsts.length - limit),
  };
  return json(body);
}

async function rowOf(one: Device, desk: Desk): Promise<DeviceRow> {
  return { id: one.id, ...deviceFields(one, await desk.makers()), query: queryWord(one) };
}

function firstOf(
  { kind, what, label, firstMs, lastMs, upBytes, downBytes, flows, evidence }: DeviceFirst,
  device: Device,
  isKnown: (item: NewsItem) => boolean,
): First {
  const sight = { firstMs, lastMs, upBytes, downBytes, evidence };
  return {
    kind,
    what,
    label,
    first: new Date(firstMs).toISOString(),
    last: new Date(lastMs).toISOString(),
    bytes: upBytes + downBytes,
    up_bytes: upBytes,
    down_bytes: downBytes,
    flows,
    evidence,
    mark: { kind, what, device: device.id },
    known: isKnown({ kind, device, what, weight: "plain", ...sight }),
  };
}

async function profile({ words, inPath, desk, request }: Asked): Promise<Response> {
  const nowMs = desk.clock.wallMs();
  const options = { nowMs, billingDay: desk.settings.billingDay, prefix: NO_PREFIX };
  const { sinceMs = nowMs - MONTH_MS, untilMs = nowMs } = readFilter(words, options);
  const beforeMs = readMoment(words, "compare", { ...options, isEnd: false });
  if (beforeMs !== undefined && beforeMs >= sinceMs) {
    throw new WrongWord(
      `compare=${words.value("compare")} is not before since. Give an earlier time`,
    );
  }
  const found = deviceCalled((await desk.devices()).devices, inPath.device);
  const read = (span: { sinceMs: number; untilMs: number }) =>
    desk.question(request.signal, () => readProfile(desk.log, found, span));
  const now = await read({ sinceMs, untilMs });
  if (words.value("format") === "mud") {
    const makerOf = await desk.makers();
    const maker = found.macs.map(makerOf).find((one) => one !== undefined);
    return json(mudFile(now, { nowMs, maker }).mud);
  }
  const before = beforeMs === undefined
    ? undefined
    : await read({ sinceMs: beforeMs, untilMs: sinceMs });
  return json(profileFields(now, before && changesBetween(before, now)));
}

async function rename({ inPath, desk, body }: Asked): Promise<Response> {
  const { name } = objectOf(await body());
  if (name !== null && typeof name !== "string") {
    throw new HttpFault(400, "name must be a text, or null to take the name away");
  }
  const { devices } = await desk.devices();
  const found = deviceCalled(devices, inPath.device);
  try {
    await desk.changeOwner((words) =>
      Promise.resolve({
        words: withName(words, devices, found, name ?? undefined),
        result: undefined,
      })
    );
  } catch (error) {
    throw error instanceof UnusableName ? new HttpFault(400, error.message) : error;
  }
  const renamed = (await desk.devices()).devices.find(({ id }) => id === found.id) ?? found;
  const answer: DeviceAnswer = { ...await rowOf(renamed, desk), firsts: [], more: 0 };
  return json(answer);
}

async function news({ words, desk }: Asked): Promise<Response> {
  const nowMs = desk.clock.wallMs();
  const { billingDay } = desk.settings;
  const limit = words.number("limit", { otherwise: 500, most: MAX_NEWS });
  const filter = readFilter(words, { nowMs, billingDay, prefix: NO_PREFIX });
  const { sinceMs = nowMs - WEEK_MS, untilMs = Infinity, device } = filter;
  const { ledger, faults } = await desk.ledger();
  const found = householdNews(ledger, await desk.owner(), desk.settings, {
    sinceMs,
    untilMs,
    nowMs,
    device,
  });
  if (words.value("format") === "csv") return csv(newsCsv(found), "news");
  const { entries, devices, otherBytes } = ledger.forgotten;
  const counts = Object.fromEntries(
    WEIGHTS.map((weight) => [weight, found.filter((item) => item.weight === weight).length]),
  ) as NewsAnswer["counts"];
  const body: NewsAnswer = {
    since: new Date(sinceMs).toISOString(),
    until: timeOrNull(untilMs),
    items: found.slice(0, limit).map(newsRow),
    counts,
    more: Math.max(0, found.length - limit),
    forgotten: { entries, devices, other_bytes: otherBytes },
    faults: faults.map(({ message }) => message),
  };
  return json(body);
}

function newsRow(item: NewsItem): NewsRow {
  return {
    ...newsFields(item),
    label: whatText(item),
    mark: markOf(item),
    behind: recordsBehind(item),
  };
}

async function known({ words, desk }: Asked): Promise<Response> {
  const { devices } = await desk.devices();
  const marks = (await desk.owner()).known;
  if (words.value("format") === "csv") return csv(marksCsv(marks, devices), "known");
  const body: KnownAnswer = {
    marks: marks.map((mark) => {
      const { device: deviceLabel } = markFields(mark, devices);
      return {
        ...mark,
        label: markLabel(mark, deviceLabel),
        ...(mark.device !== undefined && { device_label: deviceLabel }),
      };
    }),
  };
  return json(body);
}

function markLabel({ kind, what }: KnownMark, deviceLabel: string | undefined): string {
  if (what === undefined) return deviceLabel ?? "";
  return kind === "country" ? countryName(what) : kind === "service" ? serviceName(what) : what;
}

async function addMarks({ desk, body }: Asked): Promise<Response> {
  const asked = objectOf(await body());
  const { ledger } = await desk.ledger();
  const changed = await desk.changeOwner((words) => {
    const marks = asked.all === true
      ? marksOfNews(ledger, words, desk, sinceOf(asked, desk))
      : marksIn(asked);
    const { words: marked, changed } = withMarks(words, marks);
    return Promise.resolve({ words: marked, result: changed });
  });
  return json({ changed } satisfies ChangedAnswer);
}

async function removeMarks({ desk, body }: Asked): Promise<Response> {
  const asked = objectOf(await body());
  const marks = asked.all === true ? "all" : marksIn(asked);
  const changed = await desk.changeOwner((words) => {
    const { words: left, changed } = withoutMarks(words, marks);
    return Promise.resolve({ words: left, result: changed });
  });
  return json({ changed } satisfies ChangedAnswer);
}

function marksOfNews(
  ledger: Parameters<typeof householdNews>[0],
  words: Parameters<typeof householdNews>[1],
  desk: Desk,
  sinceMs: number,
): KnownMark[] {
  const nowMs = desk.clock.wallMs();
  const span = { sinceMs, untilMs: Infinity, nowMs };
  return householdNews(ledger, words, desk.settings, span).filter(({ kind }) => kind !== "limit")
    .map(markOf);
}

/** @throws {HttpFault} @throws {WrongWord} */
function sinceOf({ since }: Record<string, unknown>, desk: Desk): number {
  const nowMs = desk.clock.wallMs();
  if (since === undefined) return nowMs - WEEK_MS;
  if (typeof since !== "string") throw new HttpFault(400, "since must be a text, such as 7d");
  const words: Pick<QueryWords, "value" | "values"> = { value: () => since, values: () => [since] };
  const { billingDay } = desk.settings;
  return readMoment(words, "since", { nowMs, billingDay, prefix: NO_PREFIX, isEnd: false })!;
}

/** @throws {HttpFault} */
function marksIn({ marks }: Record<string, unknown>): KnownMark[] {
  if (!Array.isArray(marks) || marks.length === 0 || marks.length > MAX_MARKS) {
    throw new HttpFault(400, `marks must be a list of 1 to ${MAX_MARKS} marks, or all be true`);
  }
  return marks.map((mark): KnownMark => {
    const { kind, what, device } = objectOf(mark) as Partial<Mark>;
    const isText = (text: unknown) =>
      text === undefined || typeof text === "string" && text.length > 0 && text.length <= 300;
    const isWhole = kind === "device" ? device !== undefined : what !== undefined;
    if (!NEWS_KINDS.some((one) => one === kind) || !isText(what) || !isText(device) || !isWhole) {
      throw new HttpFault(
        400,
        `a mark needs kind, one of ${NEWS_KINDS.join(", ")}, and what, or of a device device`,
      );
    }
    return {
      kind: kind!,
      ...(what !== undefined && { what }),
      ...(device !== undefined && { device }),
    };
  });
}

/** By whatever means it. @throws {HttpFault} */
function deviceCalled(devices: readonly Device[], word: string): Device {
  const byId = devices.find(({ id }) => id === word);
  if (byId !== undefined) return byId;
  try {
    return oneDevice(devices, word);
  } catch (error) {
    throw error instanceof NoOneDevice ? new HttpFault(404, error.message) : error;
  }
}
