import { chromium } from "playwright-core";
const [base, password, out, list = "", sizes = "390,800,1440", schemes = "light,dark"] = Deno.args;
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
await Deno.mkdir(out, { recursive: true });
let state;
for (const scheme of schemes.split(",") as ("light" | "dark")[]) {
  for (const width of sizes.split(",").map(Number)) {
    const context = await browser.newContext({
      viewport: { width, height: width < 500 ? 844 : 900 },
      colorScheme: scheme,
      storageState: state,
      reducedMotion: "reduce",
    });
    const page = await context.newPage();
    page.on("console", (m) => console.log(m.type(), m.text()));
    page.on("pageerror", (e) => console.log("ERR", e.message, e.stack?.slice(0, 300)));
    if (!state) {
      await page.goto(base + "/");
      await page.fill("#password", password);
      await page.click("button[type=submit]");
      await page.waitForSelector("nav");
      state = await context.storageState();
    }
    for (const item of list.split(" ")) {
      const [name, path] = item.split("@");
      const t = performance.now();
      await page.goto(base + path);
      await page.waitForSelector("h1");
      await page.locator(".progress.on").waitFor({ state: "detached" });
      await page.waitForTimeout(400);
      await page.screenshot({ path: `${out}/${name}-${width}-${scheme}.png`, fullPage: true });
      console.log(name, width, scheme, Math.round(performance.now() - t));
    }
    await context.close();
  }
}
await browser.close();
