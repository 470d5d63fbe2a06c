/** Where the pages are served: on an address of this machine, or on a unix socket behind systemd-socket-proxyd. */

import { dirname, join } from "@std/path";
import type { Say } from "../service/program/diagnostics.ts";
import { SettingError } from "../service/settings/setting_error.ts";
import type { Settings } from "../service/settings/settings.ts";
import type { Clock } from "../system/clock.ts";
import { osReason } from "../system/files/os_error.ts";
import { ServiceManager } from "../system/service_manager.ts";
import { readAccess } from "./access/access_file.ts";
import { EntryLink } from "./access/entry_link.ts";
import type { OtherReaders } from "./routes/desk.ts";
import { serveWeb } from "./web_server.ts";

/** Its group may use it, others not. */
const SOCKET_MODE = 0o660;
const SESSIONS_NAME = "sessions.json";
const LOOPBACK = /^(127\.|::1$|localhost$)/;

/** What is served, and to whom it is said. */
export interface WebOptions {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly readers: OtherReaders;
  readonly say: Say;
  /** Whether somebody sits at a terminal, who gets a link that lets the first one in. */
  readonly isOnTerminal: boolean;
  /** Called with the address, and the link where there is one. */
  readonly listening: (address: string, link: string | undefined) => void;
}

/**
 * Serves until `stop`.
 *
 * @throws {SettingError} when a setting cannot be used
 * @throws {Error} when the address cannot be had
 */
export async function runWeb(options: WebOptions, stop: AbortSignal): Promise<void> {
  const { settings, clock, readers, say } = options;
  const tls = await readTls(settings);
  const { webSocketPath } = settings;
  const common = { settings, clock, readers, tls, say };
  if (webSocketPath !== undefined) {
    const listener = await listenOnSocket(webSocketPath);
    ServiceManager.of(Deno.env.toObject(), clock)?.ready("serves the pages");
    options.listening(webSocketPath, undefined);
    const sessionsPath = join(dirname(webSocketPath), SESSIONS_NAME);
    return await serveWeb(listener, { ...common, sessionsPath, link: undefined }, stop);
  }
  const { hostname, port } = settings.webListen;
  const isLoopback = LOOPBACK.test(hostname);
  await checkPassword(settings, isLoopback || options.isOnTerminal);
  const listener = listenOn(hostname, port);
  const link = options.isOnTerminal ? new EntryLink(clock) : undefined;
  const scheme = tls === undefined ? "http" : "https";
  const own = isLoopback ? hostname : Deno.hostname();
  const host = own.includes(":") ? `[${own}]` : own;
  const address = `${scheme}://${host}:${listener.addr.port}`;
  options.listening(address, link && `${address}/enter?token=${link.secret}`);
  return await serveWeb(listener, { ...common, sessionsPath: undefined, link }, stop);
}

/** With no password and no link nobody could come in. @throws {SettingError} */
async function checkPassword(settings: Settings, isOtherWay: boolean): Promise<void> {
  if (isOtherWay || (await readAccess(settings.webFilePath)).password !== undefined) return;
  throw new SettingError(
    "the pages would be open to the network, and no password is set. " +
      "Set one: wifilogger web password",
  );
}

/** @throws {SettingError} */
async function readTls(
  { webTlsCertPath, webTlsKeyPath }: Settings,
): Promise<{ readonly cert: string; readonly key: string } | undefined> {
  if (webTlsCertPath === undefined && webTlsKeyPath === undefined) return undefined;
  if (webTlsCertPath === undefined || webTlsKeyPath === undefined) {
    throw new SettingError(
      "WIFILOGGER_WEB_TLS_CERT and WIFILOGGER_WEB_TLS_KEY belong together. Set both, or neither",
    );
  }
  const read = async (name: string, path: string) => {
    try {
      return await Deno.readTextFile(path);
    } catch (error) {
      throw new SettingError(
        `cannot use ${name}=${path}: ${osReason(error)}. Name a PEM file that this user may read`,
        { cause: error },
      );
    }
  };
  return {
    cert: await read("WIFILOGGER_WEB_TLS_CERT", webTlsCertPath),
    key: await read("WIFILOGGER_WEB_TLS_KEY", webTlsKeyPath),
  };
}

/** @throws {Error} */
function listenOn(hostname: string, port: number): Deno.Listener & { readonly addr: Deno.NetAddr } {
  try {
    return Deno.listen({ hostname, port });
  } catch (error) {
    const advice = error instanceof Deno.errors.AddrInUse
      ? "The pages may be served there already; or choose another: --web-listen 127.0.0.1:9481"
      : "Choose another address with WIFILOGGER_WEB_LISTEN";
    throw new Error(`listening on ${hostname}:${port}: ${osReason(error)}. ${advice}`, {
      cause: error,
    });
  }
}

/** A socket that nobody listens on was left by a process that was killed. @throws {Error} */
async function listenOnSocket(path: string): Promise<Deno.Listener> {
  try {
    const info = await Deno.lstat(path).catch(() => undefined);
    if (info?.isSocket) await Deno.remove(path);
    const listener = Deno.listen({ transport: "unix", path });
    await Deno.chmod(path, SOCKET_MODE);
    return listener;
  } catch (error) {
    throw new Error(
      `listening on ${path}: ${osReason(error)}. Choose another file with WIFILOGGER_WEB_SOCKET`,
      { cause: error },
    );
  }
}
