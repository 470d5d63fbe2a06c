import { makeArchive } from "/work/wt-web-pages/scripts/made_up_log/household_archive.ts";
const [folder, days, records] = Deno.args;
await makeArchive(folder, { nowMs: Date.now(), days: Number(days), records: Number(records) });
