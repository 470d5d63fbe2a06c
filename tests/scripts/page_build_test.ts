import { gunzipSync } from "node:zlib";
import { toFileUrl } from "@std/path";
import { buildPage } from "../../scripts/page/build.ts";
import { INDEX, type PageFileEntry } from "../../web/page/page_files.ts";
import { assert, assertEquals } from "../assert.ts";

const MAX_BYTES = 150_000;

/** Builds into a folder that is gone afterwards; the texts by their paths, and the bytes as they lie. */
async function built() {
  const parent = await Deno.makeTempDir({ prefix: "wifilogger-test-" });
  const folder = toFileUrl(`${parent}/built/`);
  try {
    const weights = await buildPage(folder);
    const bytes: Record<string, string> = {};
    for (const { name } of Deno.readDirSync(folder)) {
      bytes[name] = (await Deno.readFile(new URL(name, folder))).toBase64();
    }
    const entries: PageFileEntry[] = JSON.parse(atob(bytes[INDEX]));
    const texts = new Map(entries.map(({ path, file }) => [
      path,
      gunzipSync(Uint8Array.fromBase64(bytes[file])).toString(),
    ]));
    return { weights, bytes, entries, texts };
  } finally {
    await Deno.remove(parent, { recursive: true });
  }
}

const first = await built();

Deno.test("the same sources give the same pages, byte for byte", async () => {
  assertEquals((await built()).bytes, first.bytes);
});

Deno.test("all files of the pages together weigh little", () => {
  const sum = first.weights.reduce((total, { gzipBytes }) => total + gzipBytes, 0);
  assert(sum > 30_000 && sum <= MAX_BYTES, `${sum} bytes gzipped`);
});

Deno.test("the index names the other files, and has no script, style or handler in itself", () => {
  const index = first.texts.get("/index.html")!;
  const named = [...index.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path);
  const others = [...first.texts.keys()].filter((path) => path !== "/index.html");
  assertEquals(named.sort(), others.sort());
  assert(/<script type="module" src="[^"]+"><\/script>/.test(index));
  assertEquals([...index.matchAll(/<script/g)].length, 1);
  assert(!/<style|\sstyle=|\son\w+=/i.test(index));
});

Deno.test("only what has its hash in its name is kept forever, and nothing is asked of elsewhere", () => {
  for (const { path, isImmutable } of first.entries) {
    assertEquals(isImmutable, path !== "/index.html", path);
    assert(!isImmutable || /-[0-9a-f]{10}\.\w+$/.test(path), path);
  }
  const [, style] = [...first.texts].find(([path]) => path.endsWith(".css"))!;
  assert(!/url\(|@import/.test(style));
  const [, script] = [...first.texts].find(([path]) => path.endsWith(".js"))!;
  const addresses = [...script.matchAll(/https?:\/\/[\w.-]+/g)].map(([address]) => address);
  const known = ["http://www.w3.org", "http://page.invalid"]; // names of XML, and a base that is never asked
  assertEquals(addresses.filter((address) => !known.includes(address)), []);
});
