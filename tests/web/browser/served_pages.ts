/** `wifilogger web` as a process of its own on an archive, and a browser that is signed in. */

import { fromFileUrl, join } from "@std/path";
import type { Browser } from "playwright-core";
import { buildPage } from "../../../scripts/page/build.ts";
import { type Look, openBrowser, type SignedIn, WatchedPage } from "./browser.ts";

const ROOT = fromFileUrl(new URL("../../..", import.meta.url));
export const PASSWORD = "correct horse battery staple";

/** Pages that are served. */
export class ServedPages implements AsyncDisposable {
  readonly url: string;
  readonly env: Readonly<Record<string, string>>;
  readonly #browser: Browser;
  readonly #stack: AsyncDisposableStack;
  #signedIn: SignedIn | undefined;

  private constructor(
    url: string,
    env: Record<string, string>,
    browser: Browser,
    stack: AsyncDisposableStack,
  ) {
    this.url = url;
    this.env = env;
    this.#browser = browser;
    this.#stack = stack;
  }

  /** @param archiveDir the daily files; the RAM log is beside the server's own files, in a folder of its own */
  static async open(archiveDir: string, more: Record<string, string> = {}): Promise<ServedPages> {
    await using stack = new AsyncDisposableStack();
    await buildOnce();
    const home = await Deno.makeTempDir({ prefix: "wifilogger_web_" });
    stack.defer(() => Deno.remove(home, { recursive: true }));
    await Deno.mkdir(join(home, "ram"));
    const env = {
      HOME: home,
      WIFILOGGER_ARCHIVE_DIR: archiveDir,
      WIFILOGGER_RAM_LOG: join(home, "ram/today.log"),
      WIFILOGGER_CONTROL_SOCKET: join(home, "control.sock"),
      WIFILOGGER_WEB_LISTEN: "127.0.0.1:0",
      ...more,
    };
    await setPassword(env);
    const child = program(["web"], env).spawn();
    stack.defer(async () => {
      child.kill("SIGTERM");
      await child.status;
    });
    child.stdin.close();
    const url = await addressOf(child);
    const browser = await openBrowser();
    stack.defer(() => browser.close());
    return new ServedPages(url, env, browser, stack.move());
  }

  /** A page of nobody. */
  async openStrange(look: Look): Promise<WatchedPage> {
    return await WatchedPage.open(this.#browser, this.url, look);
  }

  /** A page of somebody who has signed in. */
  async openPage(look: Look): Promise<WatchedPage> {
    this.#signedIn ??= await this.#signIn();
    return await WatchedPage.open(this.#browser, this.url, look, this.#signedIn);
  }

  async #signIn(): Promise<SignedIn> {
    await using watched = await this.openStrange({ width: 800 });
    const { page } = watched;
    await page.goto("/");
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("navigation", { name: "Pages" }).waitFor();
    return await page.context().storageState();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

/** What the program prints about an archive. */
export async function printedBy(args: readonly string[], archiveDir: string): Promise<string> {
  await buildOnce();
  const env = {
    WIFILOGGER_ARCHIVE_DIR: archiveDir,
    WIFILOGGER_RAM_LOG: join(archiveDir, "none.log"),
  };
  const child = program(args, env).spawn();
  child.stdin.close();
  const { code, stdout, stderr } = await child.output();
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

let built: Promise<unknown> | undefined;

/** From the sources as they are. */
function buildOnce(): Promise<unknown> {
  return built ??= buildPage();
}

function program(args: readonly string[], env: Record<string, string>): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--frozen", "--no-check", "-A", "main.ts", ...args],
    cwd: ROOT,
    env,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
}

async function setPassword(env: Record<string, string>): Promise<void> {
  const child = program(["web", "password"], env).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(`${PASSWORD}\n`));
  await writer.close();
  const { success, stderr } = await child.output();
  if (!success) throw new Error(`web password: ${new TextDecoder().decode(stderr)}`);
}

/** What it says where it serves; whatever it says after that is read and forgotten. */
async function addressOf(child: Deno.ChildProcess): Promise<string> {
  const found = Promise.withResolvers<string>();
  const said: string[] = [];
  const read = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
    let rest = "";
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      rest += text;
      said.push(text);
      const url = /https?:\/\/[\w.:[\]-]+/.exec(rest)?.[0];
      if (url !== undefined) found.resolve(url);
    }
  };
  read(child.stdout);
  read(child.stderr);
  child.status.then(({ code }) =>
    found.reject(new Error(`wifilogger web ended with ${code}: ${said.join("")}`))
  );
  return await found.promise;
}
