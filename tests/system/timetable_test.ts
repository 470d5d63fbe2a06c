import { assertEquals } from "../assert.ts";
import { Timetable } from "../../system/timetable.ts";

Deno.test("`Timetable.run()` runs each task at once and then by its period, in order", () => {
  const timetable = new Timetable();
  const ran: string[] = [];
  timetable.every(2000, () => ran.push("slow"));
  timetable.every(1000, () => ran.push("quick"));
  const runAt = (nowMs: number) => {
    ran.length = 0;
    timetable.run(nowMs);
    return ran.join();
  };
  assertEquals(runAt(500), "slow,quick");
  assertEquals(runAt(1499), "");
  assertEquals(runAt(1500), "quick");
  assertEquals(runAt(2600), "slow,quick");
  assertEquals(runAt(60_000), "slow,quick", "what was missed is done once");
  assertEquals(runAt(60_001), "");
});

Deno.test("`Timetable.run()` runs a task first when it is said to be due first", () => {
  const timetable = new Timetable();
  let runs = 0;
  timetable.every(1000, () => runs++, 5000);
  const runsAt = (nowMs: number) => {
    timetable.run(nowMs);
    return runs;
  };
  assertEquals([4999, 5000, 5999, 6000].map(runsAt), [0, 1, 1, 2]);
});

Deno.test("`Timetable.run()` runs a task that was added with `once()` a single time", () => {
  const timetable = new Timetable();
  let runs = 0;
  timetable.once(5000, () => runs++);
  const runsAt = (nowMs: number) => {
    timetable.run(nowMs);
    return runs;
  };
  assertEquals([4999, 5000, 5001, 1e12].map(runsAt), [0, 1, 1, 1]);
});
