/** A real browser, watched: Debian's Chromium, driven through the package playwright-core. */

import axe from "axe-core";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { assertEquals } from "../../assert.ts";

/** On a machine with other work. */
const PATIENCE_MS = 120_000;
const CHROMIUM = "/usr/bin/chromium";

/** Why there is no browser here; null when there is. */
export function whyNoBrowser(): string | null {
  try {
    Deno.statSync(CHROMIUM);
    return null;
  } catch {
    return `${CHROMIUM} is not installed (Debian's package chromium)`;
  }
}

export async function openBrowser(): Promise<Browser> {
  // A sandbox of its own it cannot have as root; it opens pages of this machine alone.
  return await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
}

/** How a page is looked at. */
export interface Look {
  readonly width: number;
  readonly height?: number;
  readonly scheme?: "light" | "dark";
}

/** Cookies of somebody who is signed in. */
export type SignedIn = Awaited<ReturnType<BrowserContext["storageState"]>>;

/** A jump of things that were there already. */
export interface Shift {
  /** The share of the window that has moved, times how far. */
  readonly value: number;
  readonly what: readonly string[];
}

/** A page, and all that went wrong on it. */
export class WatchedPage implements AsyncDisposable {
  readonly page: Page;
  readonly #context: BrowserContext;
  readonly #problems: string[] = [];
  readonly #foreign: string[] = [];

  private constructor(context: BrowserContext, page: Page, url: string) {
    this.#context = context;
    this.page = page;
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) {
        this.#problems.push(`console: ${message.text()}`);
      }
    });
    page.on("pageerror", (error) => this.#problems.push(`error: ${error.message}`));
    page.on("dialog", (dialog) => {
      this.#problems.push(`a script of the log's ran: ${dialog.message()}`);
      dialog.dismiss();
    });
    page.on("request", (request) => {
      if (!request.url().startsWith(url)) this.#foreign.push(request.url());
    });
  }

  static async open(
    browser: Browser,
    url: string,
    { width, height = width < 600 ? 844 : 900, scheme = "light" }: Look,
    signedIn?: SignedIn,
  ): Promise<WatchedPage> {
    const context = await browser.newContext({
      baseURL: url,
      viewport: { width, height },
      colorScheme: scheme,
      reducedMotion: "reduce",
      storageState: signedIn,
    });
    await context.addInitScript(() => {
      const violations: string[] = [];
      (globalThis as unknown as { violations: string[] }).violations = violations;
      addEventListener("securitypolicyviolation", (event) => {
        const { violatedDirective, blockedURI } = event as unknown as Record<string, string>;
        violations.push(`${violatedDirective} ${blockedURI}`);
      });
      const shifts: Shift[] = [];
      (globalThis as unknown as { shifts: Shift[] }).shifts = shifts;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
          const { hadRecentInput, value, sources } = entry as unknown as {
            hadRecentInput: boolean;
            value: number;
            sources: { node?: { nodeName: string; className?: string } }[];
          };
          const what = sources.map(({ node }) => `${node?.nodeName} ${node?.className ?? ""}`);
          if (!hadRecentInput) shifts.push({ value, what });
        }
      }).observe({ type: "layout-shift" as "mark", buffered: true }); // Deno's types know no layout
    });
    context.setDefaultTimeout(PATIENCE_MS);
    return new WatchedPage(context, await context.newPage(), url);
  }

  /** Goes to a path, and waits until all that it asks for is there. */
  async go(path: string): Promise<void> {
    await this.page.goto(path);
    await this.settled();
  }

  /** Waits until nothing is asked for any more. */
  async settled(): Promise<void> {
    await this.page.locator("h1").first().waitFor();
    await this.page.locator(".progress.on").waitFor({ state: "detached" });
    await this.page.locator("[aria-busy=true]").waitFor({ state: "detached" });
    // A frame in which it is drawn.
    await this.page.evaluate(() => new Promise((done) => setTimeout(done, 150)));
  }

  /** What the browser has refused, logged, thrown or asked of elsewhere; empties the lists. */
  async problems(): Promise<string[]> {
    const violations = await this.page.evaluate(() => {
      const global = globalThis as unknown as { violations: string[] };
      return global.violations.splice(0);
    });
    const all = [
      ...this.#problems.splice(0),
      ...violations.map((text) => `refused by the page's policy: ${text}`),
      ...this.#foreign.splice(0).map((text) => `asked of elsewhere: ${text}`),
    ];
    return all;
  }

  /** What has jumped while it was loading; the sum of the values is the Cumulative Layout Shift. */
  async layoutShifts(): Promise<Shift[]> {
    return await this.page.evaluate(() => (globalThis as unknown as { shifts: Shift[] }).shifts);
  }

  /** By how many pixels the page is wider than the window. */
  async overflow(): Promise<number> {
    return await this.page.evaluate(() => {
      const { scrollWidth, clientWidth } = (globalThis as unknown as {
        document: { documentElement: { scrollWidth: number; clientWidth: number } };
      }).document.documentElement;
      return Math.max(0, scrollWidth - clientWidth);
    });
  }

  /** What axe finds: rules of WCAG 2.0 to 2.2, A and AA, and its best practices. */
  async axeViolations(): Promise<string[]> {
    await this.page.evaluate(axe.source);
    return await this.page.evaluate(async () => {
      const { axe } = globalThis as unknown as {
        axe: {
          run(options: unknown): Promise<{
            violations: { id: string; nodes: { target: string[]; failureSummary: string }[] }[];
          }>;
        };
      };
      const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
      const { violations } = await axe.run({ runOnly: { type: "tag", values: tags } });
      return violations.flatMap(({ id, nodes }) =>
        nodes.slice(0, 3).map(({ target, failureSummary }) =>
          `${id}: ${target.join(" ")}: ${failureSummary.replace(/\s+/g, " ").slice(0, 300)}`
        )
      );
    });
  }

  /** All that is wrong with the page as it is. */
  async wrongs(): Promise<string[]> {
    const overflow = await this.overflow();
    return [
      ...await this.problems(),
      ...await this.axeViolations(),
      ...(overflow === 0 ? [] : [`${overflow} pixels wider than the window`]),
    ];
  }

  /** Fails when anything is wrong with the page as it is. */
  async assertWell(where: string): Promise<void> {
    assertEquals(await this.wrongs(), [], where);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.close();
  }
}
