import { assertRejects } from "../assert.ts";
import { RecordThread } from "../../service/record_thread.ts";

Deno.test("a thread that cannot begin says so at the first `flush()`, and does not keep anybody waiting", async () => {
  using thread = new RecordThread(new URL("data:text/javascript,throw new Error('cut short')"), {});
  for (let i = 0; i < 1000; i++) thread.takeGap({ reason: "restart", startUs: 0, endUs: i });
  await assertRejects(() => thread.flush(), Error, "cut short");
  await assertRejects(() => thread.written(), Error, "cut short");
});
