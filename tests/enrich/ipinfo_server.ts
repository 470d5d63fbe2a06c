/** A server that answers as ipinfo.io does for a token of one plan, and misbehaves when told to. */

import type { IpinfoPlan } from "../../enrich/ipinfo_plan.ts";

/** A request as it came. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | null;
  /** What was asked for, of whatever plan; none where it is the asker's own address. */
  readonly addresses: readonly string[];
  /** By `performance.now()`. */
  readonly at: number;
}

/** Answers a request in another way than it should be; `undefined` answers it as it should. */
export type Misbehave = (
  seen: SeenRequest,
  number: number,
) => Response | Promise<Response> | undefined;

/** A server on this machine. */
export interface IpinfoServer extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly SeenRequest[];
  /** How often each address was in a request, refused ones included, but the asker's own. */
  readonly asked: ReadonlyMap<string, number>;
  misbehave: Misbehave;
}

/** The address that the asker has for it. */
export const OWN_ADDRESS = "192.33.4.12";

/** The token that it takes. */
export const TOKEN = "t0k3n-never-to-be-seen";

/** An answer of each plan. */
export const ANSWERS: Readonly<Record<IpinfoPlan, (ip: string) => Record<string, unknown>>> = {
  lite: (ip) => ({
    ip,
    asn: "AS15169",
    as_name: "Google LLC",
    as_domain: "google.com",
    country_code: "US",
    country: "United States",
    continent_code: "NA",
    continent: "North America",
  }),
  core: (ip) => ({
    ip,
    geo: {
      city: "Mountain View",
      region: "California",
      region_code: "CA",
      country: "United States",
      country_code: "US",
      continent: "North America",
      latitude: 37.4056,
      longitude: -122.0775,
      timezone: "America/Los_Angeles",
      postal_code: "94043",
    },
    as: { asn: "AS15169", name: "Google LLC", domain: "google.com", type: "hosting" },
    is_anycast: true,
  }),
  legacy: (ip) => ({
    ip,
    hostname: "dns.google",
    city: "Mountain View",
    region: "California",
    country: "US",
    loc: "37.4056,-122.0775",
    org: "AS15169 Google LLC",
    postal: "94043",
    timezone: "America/Los_Angeles",
  }),
};

const SINGLE_PATHS: Readonly<Record<IpinfoPlan, RegExp>> = {
  lite: /^\/lite\/([^/]+)$/,
  core: /^\/lookup\/([^/]+)$/,
  legacy: /^\/([^/]+)\/json$/,
};
const OWN_PATHS: Readonly<Record<IpinfoPlan, string>> = {
  lite: "/lite/me",
  core: "/lookup/me",
  legacy: "/json",
};
const BATCH_PATHS: Readonly<Record<IpinfoPlan, string>> = {
  lite: "/batch/lite",
  core: "/batch",
  legacy: "/batch",
};

/** Starts one. */
export function serveIpinfo(plan: IpinfoPlan, options: { batch?: boolean } = {}): IpinfoServer {
  const { batch = true } = options;
  const requests: SeenRequest[] = [];
  const asked = new Map<string, number>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, answer);
  const self = {
    url: `http://127.0.0.1:${server.addr.port}`,
    requests,
    asked,
    misbehave: (() => undefined) as Misbehave,
    async [Symbol.asyncDispose]() {
      await server.shutdown();
    },
  };

  async function answer(request: Request): Promise<Response> {
    const path = new URL(request.url).pathname;
    const addresses: string[] = request.method === "POST" ? await request.json() : single(path);
    const authorization = request.headers.get("authorization");
    const seen = { method: request.method, path, authorization, addresses, at: performance.now() };
    requests.push(seen);
    count(addresses);
    const misbehaviour = await self.misbehave(seen, requests.length);
    if (misbehaviour !== undefined) return misbehaviour;
    return authorization === `Bearer ${TOKEN}` ? answerPlan(seen) : refusal(403);
  }

  function answerPlan({ method, path, addresses }: SeenRequest): Response {
    if (method === "POST") {
      if (!batch || path !== BATCH_PATHS[plan]) return refusal(403);
      return Response.json(Object.fromEntries(addresses.map((ip) => [ip, ANSWERS[plan](ip)])));
    }
    if (path === OWN_PATHS[plan]) return Response.json(ANSWERS[plan](OWN_ADDRESS));
    if (addresses.length === 0 || !SINGLE_PATHS[plan].test(path)) return refusal(403);
    return Response.json(ANSWERS[plan](addresses[0]));
  }

  function count(addresses: readonly string[]): void {
    for (const address of addresses) {
      if (address !== OWN_ADDRESS) asked.set(address, (asked.get(address) ?? 0) + 1);
    }
  }

  return self;
}

/** The address in the path of a request, unless that is for the asker's own. */
function single(path: string): string[] {
  if (Object.values(OWN_PATHS).includes(path)) return [];
  return Object.values(SINGLE_PATHS).flatMap((pattern) => pattern.exec(path)?.[1] ?? []);
}

/** An answer that refuses. */
export function refusal(status: number, headers: Record<string, string> = {}): Response {
  return Response.json({ status, error: { title: "no", message: "no" } }, { status, headers });
}
