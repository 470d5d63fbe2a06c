import { assertEquals } from "../../assert.ts";
import { outputText } from "../../../forward/progress/output_text.ts";

const STATE = {
  output: "mqtt://broker:1883",
  pid: 1,
  sent: 1204,
  refused: 0,
  failures: 0,
  foreign: 0,
};
const NOW = { isRunning: true, nowMs: Date.parse("2026-11-27T13:12:00Z") };

Deno.test("`outputText()` says that everything is sent", () => {
  assertEquals(
    outputText(STATE, NOW),
    "mqtt://broker:1883: everything is sent; 1204 records since it was started",
  );
});

Deno.test("`outputText()` says how far behind an output is, why, and what was refused", () => {
  const state = {
    ...STATE,
    refused: 3,
    oldestUnsent: "2026-11-27T10:00:00Z",
    failure: {
      kind: "refused" as const,
      message: "refused",
      since: "2026-11-27T10:00:02Z",
      next: "2026-11-27T13:12:40Z",
    },
  };
  assertEquals(
    outputText(state, NOW),
    "mqtt://broker:1883: BEHIND by 3h 12m, since 2026-11-27T10:00:00Z: refused; " +
      "next try 2026-11-27T13:12:40Z; 1204 records since it was started, 3 REFUSED",
  );
});

Deno.test("`outputText()` says that a forwarder has ended", () => {
  assertEquals(
    outputText(STATE, { ...NOW, isRunning: false }),
    "mqtt://broker:1883: the forwarder DOES NOT RUN; when it last did: everything is sent",
  );
});
