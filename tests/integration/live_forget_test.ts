/** `wifilogger forget` beside the real logger in a household whose traffic goes on, with `tail -f` reading along. */

import { DEVICES, SERVERS } from "../../scripts/household/addresses.ts";
import { eventually } from "../../scripts/household/eventually.ts";
import { ARCHIVE_DIR, startLogger, wifilogger } from "../../scripts/household/logger.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { wordsIn } from "../forget/kept_home.ts";
import { testWhen } from "../skip.ts";
import { archiveLines, curl, flowsIn, liveMissing, openLiveHousehold } from "./live_household.ts";

testWhen(
  liveMissing,
  "forget takes a device out of all that the running logger keeps, while another one's traffic goes on",
  async () => {
    await using household = await openLiveHousehold();
    const env = {
      WIFILOGGER_ACTIVE_TIMEOUT: "1s",
      WIFILOGGER_FLUSH_INTERVAL: "1s",
      WIFILOGGER_FORWARD: "https://:not-a-secret@collector.example/log",
    };
    const logger = await startLogger(household, [], { env });
    const printed: string[] = [];
    const argv = wifilogger("tail", "-f", "--since", "1h", "--format", "json");
    const tail = household.start("router", argv, { onLine: (line) => printed.push(line) });
    let isOver = false;
    const traffic = (async () => {
      while (!isOver) {
        await curl(household, "laptop", "--ipv4", `http://${SERVERS.news.host}/20000`);
      }
    })();
    await curl(household, "phone", "--ipv4", `http://${SERVERS.updates.host}/3000`);
    await curl(household, "phone", "--ipv6", `http://${SERVERS.radio.host}/3000`);
    const ofPhone = (lines: readonly string[]) =>
      flowsIn(lines).filter(({ source }) => source.mac === DEVICES.phone.mac);
    await eventually("the phone's records", () => ofPhone(printed).length >= 2);

    const asked = await household.run("router", wifilogger("forget", "--device", "phone"), { env });
    assertEquals(asked.code, 2);
    const unasked = wifilogger("forget", "--device", DEVICES.phone.ipv4);
    const refused = await household.run("router", unasked, { env });
    assertStringIncludes(refused.stderr.join(), "Add --yes");
    const forgotten = await household.run("router", [...unasked, "--yes"], { env });
    assertEquals(forgotten.code, 0, forgotten.stderr.join("\n"));
    const said = forgotten.stdout.join("\n");
    assertStringIncludes(said, `forgot everything of ${DEVICES.phone.ipv4}`);
    assertStringIncludes(
      said,
      "What was sent on is out of its reach: https://collector.example/log",
    );

    const count = printed.length;
    await eventually("more records", () => printed.length > count + 2);
    isOver = true;
    await traffic;
    logger.signal("SIGTERM");
    await logger.ended;
    const folders = [household.path(ARCHIVE_DIR + "/.."), household.path("/mnt/ramlogs")];
    const { phone } = DEVICES;
    assertEquals(await wordsIn([phone.mac, `"${phone.ipv4}"`, phone.ipv6], ...folders), []);
    const kept = archiveLines(household);
    const others = () => printed.filter((line) => ofPhone([line]).length === 0);
    await eventually("all that is kept", () => others().length >= kept.length);
    tail.signal("SIGTERM");
    await tail.ended;
    assertEquals(others().toSorted(), kept.toSorted());
    assert(kept.length > 10);
  },
);
