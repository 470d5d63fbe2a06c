/** Runs a driver of the fleet's tests inside private namespaces: it hides /etc/hosts and uses ports of its own. */

import { fromFileUrl } from "@std/path";
import { PrivateNamespaces } from "../../scripts/household/private_namespaces.ts";
import { debianPackage } from "../debian_package.ts";
import { whyNoNamespaces } from "../namespaces_missing.ts";
import { lacks } from "../skip.ts";

const open = () => PrivateNamespaces.open({ nameServer: "127.0.0.1" });

/** Why no cluster can be run here; null when one can. */
export async function clusterMissing(): Promise<string | null> {
  const server = await debianPackage("nats-server");
  if ("missing" in server) return server.missing;
  return lacks({ root: true, commands: ["ip", "openssl"] }) ?? await whyNoNamespaces(open);
}

/** What a driver printed last, read as JSON. What it says on stderr is shown as it comes. */
export async function runInNamespaces<T>(driver: string, ...args: readonly unknown[]): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "wifilogger-test-" });
  try {
    await using namespaces = await open();
    const path = fromFileUrl(new URL(driver, import.meta.url));
    const child = namespaces.spawn([
      ...[Deno.execPath(), "run", "-A", "--no-check", "--frozen", path, folder],
      ...args.map(String),
    ], { env: Deno.env.toObject(), stdin: "null", stdout: "piped", stderr: "inherit" });
    const { code, stdout } = await child.output();
    if (code !== 0) throw new Error(`${driver} ended with ${code}`);
    return JSON.parse(new TextDecoder().decode(stdout).trim().split("\n").at(-1)!);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
