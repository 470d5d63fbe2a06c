/** `wifilogger tail` on terminals: columns of their width, colours by meaning, nothing that a name could do to them. */

import { join } from "@std/path";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { PROGRAM } from "../program.ts";
import { lacks, testWhen } from "../skip.ts";
import { inTerminal } from "../terminal.ts";

const noTmux = lacks({ commands: ["tmux"] });
const TIME = "2026-11-20T08:00:00.000Z";

function line(number: number, device: string, name: string): string {
  return JSON.stringify({
    "@timestamp": TIME,
    event: { start: TIME, end: TIME, duration: 0 },
    network: { type: "ipv4", transport: "tcp", direction: "outbound", bytes: 3000, packets: 2 },
    source: { ip: "192.168.1.20", bytes: 1000, packets: 1, domain: device },
    destination: {
      ip: "93.184.216.34",
      bytes: 2000,
      packets: 1,
      domain: name,
      geo: { country_iso_code: "US" },
      as: { organization: { name: "Example Network" } },
    },
    wifilogger: {
      v: 1,
      flow_id: `a-${number}`,
      part: 0,
      end_reason: "fin",
      name_source: "dns",
    },
  }) + "\n";
}

testWhen(
  noTmux,
  "`tail` stands in columns at 80x24 and 200x50, in colour and without",
  async () => {
    const folder = await Deno.makeTempDir({ prefix: "wifilogger_" });
    try {
      const archiveDir = join(folder, "logs");
      await Deno.mkdir(archiveDir);
      const log = line(1, "tv", "video.example.com") +
        line(2, "bad\u001b[2J", "\u202eevil.example.net") + line(3, "居間", "動画.example.jp");
      await Deno.writeTextFile(join(archiveDir, "2026-11-20.log"), log);
      const words = [...PROGRAM, "tail", "--archive-dir", archiveDir];
      const command = [...words, "--ram-log", join(folder, "today.log")].join(" ");
      const shown = async (columns: number, rows: number, env: Record<string, string> = {}) => {
        // tmux says itself what kind of terminal it is.
        const kind = env.TERM === undefined ? "" : `export TERM=${env.TERM}; `;
        await using terminal = await inTerminal(`${kind}${command}; echo over; exec sleep 60`, {
          columns,
          rows,
          env: { LANG: "C.UTF-8", TZ: "UTC", NO_COLOR: "", ...env },
        });
        const plain = await terminal.shows((text) => text.includes("over"), "end");
        return { plain, coloured: await terminal.screen({ colours: true }) };
      };
      const small = await shown(80, 24);
      assertEquals(small.plain.split("\n"), [
        "2026-11-20",
        "08:00:00  tv             -> video.example.com         tcp   US     1 kB     2 kB",
        "08:00:00  bad\\u001b[2J   -> \\u202eevil.example.net    tcp   US     1 kB     2 kB",
        "08:00:00  居間           -> 動画.example.jp           tcp   US     1 kB     2 kB",
        "over",
      ]);
      assertStringIncludes(small.coloured, "\x1b[36mtv");
      const wide = await shown(200, 50, { NO_COLOR: "1" });
      assertEquals(wide.coloured, wide.plain);
      for (const row of wide.plain.split("\n").slice(1, 4)) {
        assertStringIncludes(
          row,
          "Example Network",
        );
      }
      const ascii = await shown(80, 24, { LC_ALL: "C", TERM: "dumb" });
      assertEquals(ascii.coloured, ascii.plain);
      // deno-lint-ignore no-control-regex
      assert(/^[\x00-\x7f]*$/.test(ascii.plain), ascii.plain);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
