/** Routes to the devices of the household, and to what its owner calls them. */

import { UnusableName, withName } from "../../news/owner/owner_changes.ts";
import { isMarked } from "../../news/owner/owner_file.ts";
import { mudFile } from "../../news/profile/mud_file.ts";
import { readProfile } from "../../news/profile/profile.ts";
import { deviceFields, devicesCsv } from "../../news/render/devices_text.ts";
import { changesBetween, profileFields } from "../../news/render/profile_text.ts";
import { type DeviceFirst, deviceFirsts } from "../../news/rules/device_firsts.ts";
import { type Device, queryWord } from "../../news/rules/household_devices.ts";
import type { NewsItem } from "../../news/rules/news_item.ts";
import { NoOneDevice } from "../../news/rules/no_one_device.ts";
import { oneDevice } from "../../news/rules/one_device.ts";
import { readFilter, readMoment, WrongWord } from "../../report/question/written_question.ts";
import type { DeviceAnswer, DeviceRow, DevicesAnswer, First } from "../api/answers.ts";
import { HttpFault } from "../door/http_fault.ts";
import type { Desk } from "./desk.ts";
import { NO_PREFIX } from "./query_words.ts";
import { type Asked, csv, json, limitParameter, objectOf, PERIOD, type Route } from "./route.ts";

const MONTH_MS = 30 * 24 * 3600e3;
const MAX_FIRSTS = 10_000;

export const DEVICE_ROUTES: readonly Route[] = [
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
