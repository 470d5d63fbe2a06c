/**
 * Shows the logger at work, in a household that exists only inside this machine.
 *
 *     deno run -A scripts/household/demo.ts [--seconds 20] [--keep DIR]
 *
 * Exit codes: 0 shown; 1 something failed, or the sums differ; 2 wrong usage; 3 the private namespaces cannot be
 * had here; 130 and the like after a signal. Whatever happens, nothing of the household is left.
 */

// @ts-types="../../types/std_cli_parse_args.d.ts"
import { parseArgs } from "@std/cli/parse-args";
import { join } from "@std/path";
import { type Device, type DeviceName, DEVICES, LAN, type Server, SERVERS } from "./addresses.ts";
import { Household } from "./household.ts";
import { ARCHIVE_DIR, readArchive, startLogger, wifilogger } from "./logger.ts";
import { NamespacesUnavailable, SCRATCH } from "./private_namespaces.ts";
import { logged, since, type Traffic } from "./traffic.ts";

/** The options of the command line. */
interface Options {
  /** How long the devices follow their habits. */
  readonly seconds: number;
  /** A folder on the real machine that gets a copy of the archive. */
  readonly keep?: string;
}

const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

/** The whole show; resolves to the exit code. */
async function show(household: Household, { seconds, keep }: Options): Promise<number> {
  console.log(whoIsWho());
  await household.startOwn("internet", "internet.ts", SCRATCH);
  await household.startOwn("router", "name_server.ts");

  console.log(
    `\n$ wifilogger run   # for ${seconds} s; a line is what a flow moved in up to 5 s\n`,
  );
  const logger = await startLogger(household, ["--format", "text"], {
    env: { WIFILOGGER_ACTIVE_TIMEOUT: "5s" },
    onLine: (line) => console.log(line),
    onErrorLine: (line) => console.log(line),
  });
  const before = household.wanTraffic();
  await followHabits(household, seconds);
  const onTheWire = since(before, await household.settledWanTraffic());

  console.log("\n$ wifilogger --flush-now\n");
  const flush = await household.run("router", wifilogger("--flush-now"));
  console.log([...flush.stdout, ...flush.stderr].join("\n"));

  console.log("\nSIGTERM: it writes what it still holds, and stops.\n");
  logger.signal("SIGTERM");
  const { code } = await logger.ended;
  if (flush.code !== 0 || code !== 0) {
    console.error(`wifilogger demo: --flush-now ended with ${flush.code}, run with ${code}`);
    return 1;
  }
  if (keep !== undefined) await copyArchive(household, keep);
  return showArchive(household, onTheWire);
}

function whoIsWho(): string {
  const devices = Object.entries<Device>(DEVICES);
  return [
    "A household in private namespaces of this machine. Nothing in it reaches the real Internet.",
    "",
    ...devices.map(([name, { ipv4, habit }]) => `  ${name.padEnd(8)}${ipv4.padEnd(15)}${habit}`),
    `  router  ${LAN.router.ipv4.padEnd(15)}runs wifilogger on ${LAN.interface}, answers DNS`,
    "",
    "On its Internet, at addresses that are registered in these countries:",
    "",
    ...Object.values<Server>(SERVERS).map((server) => `  ${nameOf(server)}${addressesOf(server)}`),
  ].join("\n");
}

function nameOf({ host, ptr }: Server): string {
  const name = host ?? (ptr === undefined ? "no name" : `${ptr} by reverse DNS only`);
  return name.padEnd(42);
}

function addressesOf({ country, ipv4, ipv6 }: Server): string {
  return `${country}  ${[ipv4, ipv6].filter((address) => address !== undefined).join("  ")}`;
}

async function followHabits(household: Household, seconds: number): Promise<void> {
  const devices = await Promise.all(
    (Object.keys(DEVICES) as DeviceName[]).map((name) =>
      household.startOwn(name, "device.ts", name, String(seconds), SCRATCH)
    ),
  );
  await Promise.all(devices.map((device) => device.ended));
}

/** Shows the archive's end as it is on disk, and whether it adds up to what the kernel counted. */
function showArchive(household: Household, onTheWire: Traffic): number {
  const LAST = 5;
  const { names, lines } = readArchive(household);
  console.log(
    `${join(ARCHIVE_DIR, names.at(-1)!)}, the last ${LAST} of ${lines.length} lines as on disk:`,
  );
  console.log(`\n${lines.slice(-LAST).join("\n")}\n`);

  const inTheLog = logged(lines);
  const text = ({ packets, bytes }: Traffic) =>
    `${packets.toLocaleString("en")} packets, ${bytes.toLocaleString("en")} bytes of IP`;
  console.log(`Counted by the kernel on the link to the Internet: ${text(onTheWire)}`);
  console.log(`Sum over all lines of the archive:                 ${text(inTheLog)}`);
  const complete = inTheLog.packets === onTheWire.packets && inTheLog.bytes === onTheWire.bytes;
  console.log(complete ? "The log is complete." : "The sums differ.");
  return complete ? 0 : 1;
}

async function copyArchive(household: Household, folder: string): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  for (const name of readArchive(household).names) {
    await Deno.copyFile(household.path(join(ARCHIVE_DIR, name)), join(folder, name));
  }
}

/** `undefined` when they are not as they should be. */
function optionsFrom(args: string[]): Options | undefined {
  let known = true;
  const flags = parseArgs(args, {
    string: ["seconds", "keep"],
    unknown: () => known = false,
  });
  const seconds = Number(flags.seconds ?? 20);
  if (!known || !(seconds > 0) || flags.keep === "") return undefined;
  return { seconds, keep: flags.keep as string | undefined };
}

async function main(): Promise<number> {
  const options = optionsFrom(Deno.args);
  if (options === undefined) {
    console.error("wifilogger demo: wrong usage. Try: demo.ts [--seconds 20] [--keep DIR]");
    return 2;
  }
  let signalled: number | undefined;
  const interrupted = new Promise<number>((resolve) => {
    for (const [signal, number] of Object.entries(SIGNALS)) {
      Deno.addSignalListener(signal as keyof typeof SIGNALS, () => {
        signalled ??= 128 + number;
        resolve(signalled);
      });
    }
  });
  try {
    await using household = await Household.open();
    return await Promise.race([show(household, options), interrupted]);
  } catch (error) {
    if (signalled !== undefined) return signalled;
    console.error(`wifilogger demo: ${(error as Error).message}`);
    return error instanceof NamespacesUnavailable ? 3 : 1;
  }
}

if (import.meta.main) Deno.exit(await main());
