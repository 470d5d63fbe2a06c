/** Routes to one's own session: signing in and out. */

import { VERSION } from "../../service/program/version.ts";
import type { Doorkeeper, Guest } from "../access/doorkeeper.ts";
import type { SessionAnswer } from "../api/answers.ts";
import { HttpFault } from "../door/http_fault.ts";
import type { Desk } from "./desk.ts";
import { json, objectOf } from "./route.ts";

/** Somebody who may not be let in yet. */
export interface AskedAtTheDoor {
  readonly request: Request;
  readonly guest: Guest | undefined;
  /** Where from, where that is known. */
  readonly address: string | undefined;
  readonly desk: Desk;
  readonly doorkeeper: Doorkeeper;
  body(): Promise<unknown>;
}

/** One of these routes: what needs no session. */
export interface DoorRoute {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly about: string;
  readonly body?: string;
  readonly answer: string | undefined;
  run(asked: AskedAtTheDoor): Promise<Response>;
}

export const DOOR_ROUTES: readonly DoorRoute[] = [
  {
    method: "GET",
    path: "session",
    about: "whether one is signed in, and what a page needs to know then",
    answer: "SessionAnswer",
    run: async (asked) => json(await sessionOf(asked, asked.guest)),
  },
  {
    method: "POST",
    path: "login",
    about: "signs in by the password",
    body: "LoginBody",
    answer: "SessionAnswer",
    run: login,
  },
  {
    method: "POST",
    path: "logout",
    about: "ends the session",
    answer: undefined,
    run: logout,
  },
];

async function sessionOf(
  { desk, doorkeeper }: AskedAtTheDoor,
  guest: Guest | undefined,
): Promise<SessionAnswer> {
  const has_password = await doorkeeper.hasPassword();
  if (guest === undefined) return { signed_in: false, has_password };
  return {
    signed_in: true,
    csrf: guest.csrf,
    ends: guest.endsMs === undefined ? null : new Date(guest.endsMs).toISOString(),
    may_change: guest.mayChange,
    version: VERSION,
    host: Deno.hostname(),
    time_zone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
    now: new Date(desk.clock.wallMs()).toISOString(),
    has_password,
  };
}

async function login(asked: AskedAtTheDoor): Promise<Response> {
  const { doorkeeper, address } = asked;
  const { password } = objectOf(await asked.body());
  if (typeof password !== "string") throw new HttpFault(400, "password must be a text");
  const cookie = await doorkeeper.signIn(password, address);
  // The browser shows the cookie from its next request on: this is what that would be told.
  const headers = new Headers({ cookie: cookie.split(";", 1)[0] });
  const guest = await doorkeeper.guestOf(new Request(asked.request.url, { headers }));
  return json(await sessionOf(asked, guest), { headers: { "set-cookie": cookie } });
}

async function logout({ doorkeeper, request }: AskedAtTheDoor): Promise<Response> {
  const cookie = await doorkeeper.signOut(request);
  return new Response(null, { status: 204, headers: { "set-cookie": cookie } });
}
