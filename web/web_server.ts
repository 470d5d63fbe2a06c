/**
 * The server of the pages and their API. A connection comes through the gate, a request past its checks, in this order: it
 * came through the gate; it is meant for this machine, and did not come in the open from far away; it is no other page's;
 * its guest may come in, and may do that. Then its route asks.
 */

import { escapeText } from "../record/escape_text.ts";
import { WrongWord } from "../report/question/written_question.ts";
import type { Say } from "../service/program/diagnostics.ts";
import type { Settings } from "../service/settings/settings.ts";
import type { Clock } from "../system/clock.ts";
import { KeptAccess } from "./access/access_file.ts";
import { Doorkeeper, type Guest } from "./access/doorkeeper.ts";
import type { EntryLink } from "./access/entry_link.ts";
import { LoginLimit } from "./access/login_limit.ts";
import { isSameText } from "./access/secret_text.ts";
import { Sessions } from "./access/sessions.ts";
import { openapi } from "./openapi.ts";
import { Gate } from "../system/gate/gate.ts";
import { keepServing } from "../system/gate/kept_server.ts";
import type { GateLimits } from "../system/gate/visitor.ts";
import { GATE_LIMITS } from "./door/gate_limits.ts";
import { doorFault, type OwnNames } from "./door/host_check.ts";
import { HttpFault } from "./door/http_fault.ts";
import { readJsonBody } from "./door/request_body.ts";
import { withSafeHeaders } from "./door/safe_headers.ts";
import { LiveHub } from "./live/live_hub.ts";
import { Pages } from "./pages.ts";
import { ROUTES } from "./routes/all_routes.ts";
import { Desk, type OtherReaders } from "./routes/desk.ts";
import { liveRoutes } from "./routes/live.ts";
import { stateOf } from "./routes/logger_fault.ts";
import { QueryWords } from "./routes/query_words.ts";
import { json, type Route } from "./routes/route.ts";
import { DOOR_ROUTES, type DoorRoute } from "./routes/session.ts";

/** What a server needs. */
export interface WebServerOptions {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly readers: OtherReaders;
  /** Where sessions are kept; undefined: they end with this process. */
  readonly sessionsPath: string | undefined;
  /** The link that lets the first one in who opens it. */
  readonly link: EntryLink | undefined;
  /** Certificate and key, PEM. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  /** @default those of `gate_limits.ts` */
  readonly limits?: GateLimits;
  readonly say: Say;
}

const API = "/api/v1/";
const OPENAPI_PATH = "openapi.json";
const ENTER_PATH = "/enter";
/** Longer ones no page has. */
const MAX_ADDRESS = 8_000;
const TIDY_MS = 60_000;

/** Serves whoever connects to the listener, until `stop`. */
export async function serveWeb(
  listener: Deno.Listener,
  options: WebServerOptions,
  stop: AbortSignal,
): Promise<void> {
  const server = await WebServer.open(options);
  await server.serve(listener, stop);
}

class WebServer {
  readonly #options: WebServerOptions;
  readonly #doorkeeper: Doorkeeper;
  readonly #desk: Desk;
  #gate: Gate | undefined;
  readonly #limits: GateLimits;
  readonly #names: OwnNames;
  readonly #pages = new Pages();
  readonly #hub: LiveHub;
  readonly #routes: readonly Route[];

  private constructor(options: WebServerOptions, access: KeptAccess, sessions: Sessions) {
    const { settings, clock, link, tls, readers, limits = GATE_LIMITS } = options;
    const isTls = tls !== undefined;
    this.#options = options;
    this.#limits = limits;
    const limit = new LoginLimit(clock);
    this.#doorkeeper = new Doorkeeper({ access, sessions, limit, link, clock, isTls });
    this.#desk = new Desk(settings, clock, readers);
    const { webHosts: hosts, localNetworks } = settings;
    this.#names = { hostname: Deno.hostname(), hosts, localNetworks, isTls };
    this.#hub = new LiveHub(settings, clock, stateOf);
    this.#routes = [...ROUTES, ...liveRoutes(this.#hub, (request) => this.#isStill(request))];
  }

  static async open(options: WebServerOptions): Promise<WebServer> {
    const access = new KeptAccess(options.settings.webFilePath);
    const password = async () => (await access.words()).password;
    const sessions = await Sessions.open({
      path: options.sessionsPath,
      clock: options.clock,
      password,
    });
    return new WebServer(options, access, sessions);
  }

  async serve(listener: Deno.Listener, stop: AbortSignal): Promise<void> {
    const { tls } = this.#options;
    const timer = setInterval(() => this.#desk.tidy(), TIDY_MS);
    // Nobody but who came through the gate is answered there.
    const server = keepServing(() =>
      Deno.serve(
        { hostname: "127.0.0.1", port: 0, onListen: () => {}, ...tls },
        (request, info) => this.#answerVisitor(request, info),
      )
    );
    const connect = async () => {
      const inner = await Deno.connect({ hostname: "127.0.0.1", port: server.addr.port });
      inner.setNoDelay();
      return inner;
    };
    const gate = this.#gate = new Gate({ listener, connect, limits: this.#limits });
    const close = () => {
      void this.#hub.close();
      void gate.close({ cutsAll: true });
    };
    stop.addEventListener("abort", close, { once: true });
    if (stop.aborted) close();
    await gate.over;
    clearInterval(timer);
    await this.#hub.close();
    await server.shutdown();
  }

  /** Nobody but who came through the gate, and for as long as it takes to hand the answer over. */
  async #answerVisitor(
    request: Request,
    { remoteAddr, completed }: Deno.ServeHandlerInfo<Deno.NetAddr>,
  ): Promise<Response> {
    const visitor = this.#gate?.visitorAt(remoteAddr.port);
    if (visitor === undefined) return withSafeHeaders(new Response(null, { status: 403 }));
    visitor.beginRequest();
    completed.catch(() => {}).finally(() => visitor.endRequest());
    return withSafeHeaders(await this.#answerFaults(request, visitor.address));
  }

  async #answerFaults(request: Request, address: string | undefined): Promise<Response> {
    try {
      return await this.#answer(request, address);
    } catch (error) {
      const { message } = error as Error;
      if (error instanceof HttpFault) return faultAnswer(request, error);
      if (error instanceof WrongWord) return faultAnswer(request, new HttpFault(400, message));
      const text = escapeText(`${request.method} ${pathOf(request)}: ${message}`);
      this.#options.say("warning", "web", text);
      return faultAnswer(request, new HttpFault(500, message));
    }
  }

  async #answer(request: Request, address: string | undefined): Promise<Response> {
    if (request.url.length > MAX_ADDRESS) throw new HttpFault(414, "the address is too long");
    // Over HTTP/2, which browsers speak by TLS alone, the host stands elsewhere.
    if (!this.#names.isTls && !request.headers.has("host")) {
      throw new HttpFault(400, "the request does not say for which host it is");
    }
    const url = new URL(request.url);
    const fault = doorFault(url.hostname, address, this.#names);
    if (fault !== undefined) throw new HttpFault(fault.status, fault.message);
    if (url.pathname === ENTER_PATH) return await this.#enter(url);
    if (!url.pathname.startsWith("/api/")) return await this.#pages.answer(request, url.pathname);
    if (!url.pathname.startsWith(API)) throw new HttpFault(404, `there is only ${API} here`);
    checkOrigin(request, url);
    const path = url.pathname.slice(API.length);
    const atTheDoor = DOOR_ROUTES.find((route) => route.path === path);
    if (atTheDoor !== undefined) return await this.#runAtTheDoor(atTheDoor, request, url, address);
    const guest = await this.#doorkeeper.guestOf(request);
    if (guest === undefined) throw new HttpFault(401, "sign in first");
    if (path === OPENAPI_PATH) {
      checkMethod(request, "GET");
      return json(openapi(this.#routes));
    }
    return await this.#run(path, request, url, guest);
  }

  /** The link of a terminal. */
  async #enter(url: URL): Promise<Response> {
    const cookie = await this.#doorkeeper.enter(url.searchParams.get("token") ?? "");
    const headers = new Headers({ location: cookie === undefined ? "/login?link=old" : "/" });
    if (cookie !== undefined) headers.set("set-cookie", cookie);
    return new Response(null, { status: 303, headers });
  }

  async #runAtTheDoor(
    route: DoorRoute,
    request: Request,
    url: URL,
    address: string | undefined,
  ): Promise<Response> {
    checkMethod(request, route.method);
    new QueryWords(url.searchParams, []);
    const guest = await this.#doorkeeper.guestOf(request);
    if (route.path === "logout" && guest !== undefined) checkMayChange(request, guest);
    return await route.run({
      request,
      guest,
      address,
      desk: this.#desk,
      doorkeeper: this.#doorkeeper,
      body: () => readJsonBody(request, this.#limits.requestMs),
    });
  }

  async #run(path: string, request: Request, url: URL, guest: Guest): Promise<Response> {
    const { route, inPath } = findRoute(this.#routes, path, request.method);
    if (route.method !== "GET") checkMayChange(request, guest);
    const names = route.parameters.map(({ name }) => name);
    const words = new QueryWords(url.searchParams, route.formats ? [...names, "format"] : names);
    if (route.formats) words.oneOf("format", ["json", ...route.formats], "json");
    return await route.run({
      request,
      words,
      inPath,
      guest,
      desk: this.#desk,
      body: () => readJsonBody(request, this.#limits.requestMs),
    });
  }

  /** Whether a request would be let in again. */
  async #isStill(request: Request): Promise<boolean> {
    return await this.#doorkeeper.guestOf(request).catch(() => undefined) !== undefined;
  }
}

/** The route for a path, and what stands in its places. @throws {HttpFault} */
function findRoute(routes: readonly Route[], path: string, method: string) {
  const parts = path.split("/");
  const matching = routes.flatMap((route) => {
    const wanted = route.path.split("/");
    if (wanted.length !== parts.length) return [];
    const inPath: Record<string, string> = {};
    for (const [i, word] of wanted.entries()) {
      if (word.startsWith("{")) inPath[word.slice(1, -1)] = decoded(parts[i]);
      else if (word !== parts[i]) return [];
    }
    return [{ route, inPath }];
  });
  const found = matching.find(({ route }) => route.method === method);
  if (found !== undefined) return found;
  if (matching.length === 0) throw new HttpFault(404, "there is no such thing to ask for");
  throw notAllowed(matching.map(({ route }) => route.method));
}

/** @throws {HttpFault} */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new HttpFault(400, "the address is damaged");
  }
}

/** @throws {HttpFault} */
function checkMethod(request: Request, method: string): void {
  if (request.method !== method) throw notAllowed([method]);
}

function notAllowed(methods: readonly string[]): HttpFault {
  const allow = methods.join(", ");
  return new HttpFault(405, `only ${allow} is possible here`, { allow });
}

/** Other pages may not ask, whatever they have learnt. @throws {HttpFault} */
function checkOrigin(request: Request, url: URL): void {
  const origin = request.headers.get("origin");
  const site = request.headers.get("sec-fetch-site");
  const isForeign = origin !== null && origin !== url.origin ||
    site !== null && site !== "same-origin" && site !== "none";
  if (isForeign) throw new HttpFault(403, "this is for the pages of this machine alone");
}

/** @throws {HttpFault} */
function checkMayChange(request: Request, { kind, csrf, mayChange }: Guest): void {
  if (!mayChange) {
    throw new HttpFault(
      403,
      "this token may only read. Make another: wifilogger web token add --may-change",
    );
  }
  if (kind === "token") return;
  if (request.headers.get("origin") === null) {
    throw new HttpFault(403, "a browser says from which page it comes, and this one does not");
  }
  if (!isSameText(request.headers.get("x-csrf-token") ?? "", csrf)) {
    throw new HttpFault(403, "the page is of another session. Load it anew");
  }
}

/** To programs as JSON, to a person whose browser asked for a page as text. */
function faultAnswer(request: Request, { status, message, headers }: HttpFault): Response {
  if (pathOf(request).startsWith("/api/")) return json({ error: message }, { status, headers });
  return new Response(`wifilogger: ${message}\n`, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", ...headers },
  });
}

function pathOf(request: Request): string {
  return new URL(request.url).pathname;
}
