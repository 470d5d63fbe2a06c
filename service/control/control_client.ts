/** Asking a running logger over its control socket. */

import type { FlushReport } from "../../storage/flush/flush_report.ts";
import type { AddressPlaces } from "../places/address_places.ts";
import type { LiveFlows } from "./live_flows.ts";
import type { LoggerStatus, WaitingStatus } from "./logger_status.ts";

/** No logger listens on the control socket. */
export class NoLoggerError extends Error {
  override name = "NoLoggerError";
}

/** One listens, but waits for an interface: nothing is logged, and nothing can be asked of it. */
export class WaitingLoggerError extends NoLoggerError {
  override name = "WaitingLoggerError";

  constructor(readonly waiting: WaitingStatus) {
    super(`the logger is ${waiting.state}`);
  }
}

/** @throws {NoLoggerError} @throws {Deno.errors.PermissionDenied} @throws {Error} what the logger answered */
export async function askStatus(socketPath: string): Promise<LoggerStatus> {
  return await ask(socketPath, "GET", "/v1/status") as LoggerStatus;
}

/** What the logger knows of an address in text. Throws as `askStatus()` does. */
export async function askPlaces(socketPath: string, address: string): Promise<AddressPlaces> {
  const path = `/v1/places/${encodeURIComponent(address)}`;
  return await ask(socketPath, "GET", path) as AddressPlaces;
}

/** The flows under way, `limit` at most, those with the most bytes. Throws as `askStatus()` does. */
export async function askFlows(socketPath: string, limit?: number): Promise<LiveFlows> {
  const query = limit === undefined ? "" : `?limit=${limit}`;
  return await ask(socketPath, "GET", `/v1/flows${query}`) as LiveFlows;
}

/** Resolves when everything logged before the call is in the archive. Throws as `askStatus()` does. */
export async function askFlush(socketPath: string): Promise<FlushReport> {
  return await ask(socketPath, "POST", "/v1/flush") as FlushReport;
}

/** Resolves when the logger has forgotten which addresses were looked up. Throws as `askStatus()` does. */
export async function askForgetPlaces(socketPath: string): Promise<void> {
  await ask(socketPath, "DELETE", "/v1/places");
}

/** Whether a logger listens, be it one that this user may not ask. */
export async function isLoggerThere(socketPath: string): Promise<boolean> {
  try {
    await checkListener(socketPath);
    return true;
  } catch (error) {
    return error instanceof Deno.errors.PermissionDenied;
  }
}

async function ask(socketPath: string, method: string, pathname: string): Promise<unknown> {
  await checkListener(socketPath);
  const client = Deno.createHttpClient({ proxy: { transport: "unix", path: socketPath } });
  try {
    const response = await fetch(`http://localhost${pathname}`, { method, client });
    const body = await response.json();
    if (body.waiting !== undefined) throw new WaitingLoggerError(body.waiting);
    if (!response.ok) throw new Error(body.error ?? `it answered ${response.status}`);
    return body;
  } finally {
    client.close();
  }
}

/** `fetch` says in one and the same way that nobody listens and that nobody may ask: a connection of our own tells them apart. */
async function checkListener(path: string): Promise<void> {
  try {
    (await Deno.connect({ transport: "unix", path })).close();
  } catch (error) {
    const isNobody = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.ConnectionRefused;
    if (!isNobody) throw error;
    throw new NoLoggerError(
      `no logger is running: nothing listens on ${path}`,
      { cause: error },
    );
  }
}
