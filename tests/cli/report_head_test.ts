/** The head of a report, beside a logger that sees less than a network. */

import { join } from "@std/path";
import { assert, assertEquals } from "../assert.ts";
import { wifilogger } from "../program.ts";
import { serveControls } from "../../service/control/control_server.ts";
import type { LoggerStatus } from "../../service/control/logger_status.ts";

/** What `report` prints beside a logger that has seen these devices. */
async function reportBeside(passingDevices: number, args: string[] = []): Promise<string> {
  const folder = await Deno.makeTempDir();
  const socketPath = join(folder, "control.sock");
  const seen = {
    heardDevices: 7,
    passingDevices,
    ownTrafficPasses: true,
    tcpLines: 0,
    oneSidedLines: 0,
  };
  const unasked = () => Promise.reject(new Error("not asked for"));
  const server = await serveControls(
    socketPath,
    {
      status: () => ({ seen }) as LoggerStatus,
      places: () => ({ isPublic: false, sources: [] }),
      flush: unasked,
      forgetPlaces: unasked,
      // deno-lint-ignore require-yield
      async *flows() {
        await unasked();
      },
    },
    () => {},
  );
  try {
    const env = {
      HOME: folder,
      WIFILOGGER_CONTROL_SOCKET: socketPath,
      WIFILOGGER_RAM_LOG: join(folder, "ram/today.log"),
    };
    const { code, stdout, stderr } = await wifilogger(["report", ...args], { env });
    assertEquals(code, 0, stderr);
    return stdout;
  } finally {
    await server?.shutdown();
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a report says first that the logger sees its own machine alone, for people only", async () => {
  const alone = await reportBeside(0);
  assert(alone.startsWith("The logger sees ONLY THIS MACHINE: "), alone);
  assert(!(await reportBeside(3)).includes("The logger sees"));
  assert(!(await reportBeside(0, ["--format=json"])).includes("The logger sees"));
  assert(!(await reportBeside(0, ["--archive-dir=/nowhere"])).includes("The logger sees"));
});
