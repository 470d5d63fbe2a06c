import { bootMs } from "../../system/boot_time.ts";
import { assert } from "../assert.ts";

bootMs(); // the C library is never unloaded, which in a test would count as a leak

Deno.test("`bootMs()` tells the time since boot as the kernel does", () => {
  const uptimeMs = () => Number(Deno.readTextFileSync("/proc/uptime").split(" ")[0]) * 1e3;
  const before = uptimeMs();
  const told = bootMs()!;
  assert(told >= before && told <= uptimeMs() + 10, `${told} ms, and before ${before} ms`);
});
