import { assertEquals } from "../../assert.ts";
import { siteOf } from "../../../report/question/site.ts";

Deno.test("`siteOf()` gives the registrable domain, and a name that has none itself", () => {
  const names = {
    "www.example.co.uk": "example.co.uk",
    "example.org": "example.org",
    "user.github.io": "github.io",
    "unknown": "unknown",
    "printer.local": "printer.local",
    "93.184.216.34": "93.184.216.34",
    "_service.example.com": "example.com",
  };
  for (const [name, site] of Object.entries(names)) assertEquals(siteOf(name), site);
});
