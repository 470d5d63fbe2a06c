/** What a route is: what it takes, who may ask, and what it answers. The server and the OpenAPI document go by it. */

import { DIMENSIONS, FILTER_WORDS } from "../../report/question/dimension_words.ts";
import { DIRECTIONS, NAME_SOURCES } from "../../record/log_record.ts";
import type { Guest } from "../access/doorkeeper.ts";
import { HttpFault } from "../door/http_fault.ts";
import type { Desk } from "./desk.ts";
import type { QueryWords } from "./query_words.ts";

/** A parameter of the query. */
export interface Parameter {
  readonly name: string;
  readonly about: string;
  /** The words that it takes, where it takes no others. */
  readonly words?: readonly string[];
  /** Whether it takes several, with commas between them or given again. */
  readonly isList?: boolean;
  /** Whether it is a whole number. */
  readonly isNumber?: boolean;
}

/** A request, read. */
export interface Asked {
  readonly request: Request;
  readonly words: QueryWords;
  /** What stands in the address for `{name}` of the route's path. */
  readonly inPath: Readonly<Record<string, string>>;
  readonly guest: Guest;
  readonly desk: Desk;
  /** @throws {HttpFault} */
  body(): Promise<unknown>;
}

/** One thing that can be asked for. */
export interface Route {
  readonly method: "GET" | "POST";
  /** Below `/api/v1/`, with `{name}` for what stands in an address. */
  readonly path: string;
  /** One line. */
  readonly about: string;
  readonly parameters: readonly Parameter[];
  /** The schema of the body that it takes. */
  readonly body?: string;
  /** The schema of what it answers, in `web/api/schemas.ts`. */
  readonly answer: string;
  /** What else `format` may ask for. */
  readonly formats?: readonly string[];
  /** What the answer is where it is not JSON. */
  readonly type?: string;
  run(asked: Asked): Promise<Response>;
}

const MOMENT =
  "a moment: 2h, 7d, today, last-week, 2026-11, 2026-11-22T18:30 and so on, as on the command line";

export const PERIOD: readonly Parameter[] = [
  { name: "since", about: `from then on; ${MOMENT}` },
  { name: "until", about: `up to the end of then; ${MOMENT}` },
];

const FILTER_TEXTS: Readonly<Record<(typeof FILTER_WORDS)[number], string>> = {
  device: "the device's name, address or MAC address",
  name: "the other end's name, a domain that it lies in, or its address",
  site: "the registrable domain of the other end's name",
  country: "the other end's country, its name or its two letters",
  owner: "a part of the name of the network's owner, or AS and its number",
  port: "the responder's port",
  protocol: "the transport protocol, or the one that it carries",
  direction: "whose conversation it is",
  evidence: "what gave the name",
};

export const FILTERS: readonly Parameter[] = FILTER_WORDS.map((name) => ({
  name,
  about: FILTER_TEXTS[name],
  ...(name === "port" && { isNumber: true }),
  ...(name === "direction" && { words: DIRECTIONS }),
  ...(name === "evidence" && { words: NAME_SOURCES }),
}));

export const BY: Parameter = {
  name: "by",
  about: "what the rows are by",
  words: DIMENSIONS,
  isList: true,
};

export const COMPARE: Parameter = {
  name: "compare",
  about: "whether sums stand beside those of the period before",
  words: ["on", "off"],
};

/** @param most what it may be at most */
export function limitParameter(about: string, most: number): Parameter {
  return { name: "limit", about: `${about}; 1 to ${most}`, isNumber: true };
}

export function json(value: unknown, init: ResponseInit = {}): Response {
  return new Response(JSON.stringify(value), {
    ...init,
    headers: { "content-type": "application/json; charset=utf-8", ...init.headers },
  });
}

/** As a file to be saved. */
export function csv(text: string, name: string): Response {
  return new Response(text, {
    headers: {
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": `attachment; filename="${name}.csv"`,
    },
  });
}

/** RFC 3339; null for what has no end. */
export function timeOrNull(epochMs: number | undefined): string | null {
  if (epochMs === undefined || !Number.isFinite(epochMs)) return null;
  return new Date(epochMs).toISOString();
}

/** A body that must be an object. @throws {HttpFault} */
export function objectOf(body: unknown): Record<string, unknown> {
  if (typeof body === "object" && body !== null && !Array.isArray(body)) {
    return body as Record<string, unknown>;
  }
  throw new HttpFault(400, "the body must be an object");
}
