/** `wifilogger web` as a person runs it: the link on a terminal, the password, tokens, and what is refused at the start. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { archivedHome } from "../news/archived_home.ts";
import { PROGRAM, wifilogger } from "../program.ts";
import { lacks, testWhen } from "../skip.ts";
import { inTerminal } from "../terminal.ts";

const PASSWORD = "four words are long";

async function openHome() {
  const home = await archivedHome([]);
  const env = {
    ...home.env,
    WIFILOGGER_CONTROL_SOCKET: `${home.env.HOME}/none.sock`,
    WIFILOGGER_WEB_LISTEN: "127.0.0.1:0",
  };
  return {
    env,
    file: `${home.env.HOME}/wifi_logger/web.json`,
    run: (args: string, stdin?: string) =>
      wifilogger(args.split(" "), {
        env,
        stdin: stdin === undefined ? undefined : new TextEncoder().encode(stdin),
      }),
    [Symbol.asyncDispose]: () => home[Symbol.asyncDispose](),
  };
}

testWhen(
  lacks({ commands: ["tmux"] }),
  "on a terminal `web` prints a link that lets one in",
  async () => {
    await using home = await openHome();
    const program = PROGRAM.map((word) => `'${word}'`).join(" ");
    await using terminal = await inTerminal(`${program} web; echo "ended with $?"; read`, {
      columns: 120,
      rows: 20,
      env: home.env,
    });
    const screen = await terminal.shows((text) => text.includes("/enter?token="), "link");
    const [link, origin] = /(http:\/\/127\.0\.0\.1:\d+)\/enter\?token=[\w-]{43}/.exec(screen)!;
    const first = await fetch(link, { redirect: "manual" });
    await first.body?.cancel();
    const cookie = first.headers.get("set-cookie")!.split(";")[0];
    const session = await fetch(`${origin}/api/v1/session`, { headers: { cookie } });
    assertEquals((await session.json()).signed_in, true);
    const second = await fetch(link, { redirect: "manual" });
    await second.body?.cancel();
    assertEquals(second.headers.get("set-cookie"), null);
    await terminal.press("C-c");
    await terminal.shows((text) => text.includes("ended with 0"), "end");
  },
);

testWhen(
  lacks({ commands: ["tmux"] }),
  "`web password` asks twice, and shows it to nobody",
  async () => {
    await using home = await openHome();
    const program = PROGRAM.map((word) => `'${word}'`).join(" ");
    const asked = async (first: string, second: string) => {
      await using terminal = await inTerminal(`${program} web password; read`, {
        columns: 100,
        rows: 10,
        env: home.env,
      });
      await terminal.shows((text) => text.includes("New password"), "question");
      await terminal.press(...[...first].map((key) => key === " " ? "Space" : key), "Enter");
      await terminal.shows((text) => text.includes("Once more"), "second question");
      await terminal.press(...[...second].map((key) => key === " " ? "Space" : key), "Enter");
      return await terminal.shows((text) => /password (is|was not) set/.test(text), "outcome");
    };
    const failed = await asked(PASSWORD, "another one is here");
    assertStringIncludes(failed, "the second was not the first. Run it again");
    const screen = await asked(PASSWORD, PASSWORD);
    assertStringIncludes(screen, "the password is set");
    assert(!screen.includes("four"), screen);
  },
);

Deno.test("`web password` and `web token` keep hashes, for their user alone", async () => {
  await using home = await openHome();
  const short = await home.run("web password", "short\n");
  assertEquals([short.code, short.stdout], [2, ""]);
  assertMatch(
    short.stderr,
    /^wifilogger: the password has 5 characters, and must have at least 10/,
  );
  assertEquals((await home.run("web password", `${PASSWORD}\n`)).code, 0);
  const added = await home.run("web token add script --may-change");
  assertMatch(added.stdout, /^[\w-]{43}\n$/);
  assertEquals((await home.run("web token add reader")).code, 0);
  const kept = await Deno.readTextFile(home.file);
  assert(!kept.includes(PASSWORD) && !kept.includes(added.stdout.trim()), kept);
  assertEquals((await Deno.stat(home.file)).mode! & 0o777, 0o600);
  const list = JSON.parse((await home.run("web token list --format json")).stdout);
  assertEquals(list.map(({ name, may_change }: Record<string, unknown>) => [name, may_change]), [
    ["script", true],
    ["reader", false],
  ]);
  assertEquals((await home.run("web token revoke reader")).stdout, "reader is revoked\n");
  for (
    const [args, code, text] of [
      ["web token revoke reader", 1, "there is no token reader"],
      ["web token add script", 2, "there is a token script already"],
      ["web token add", 2, "Write: wifilogger web, web password, or web token"],
      ["web token add a/b", 2, "1 to 40 letters"],
      ["web nonesuch", 2, 'web has no "nonesuch"'],
    ] as const
  ) {
    const outcome = await home.run(args);
    assertEquals(outcome.code, code, outcome.stderr);
    assertStringIncludes(outcome.stderr, text);
    assertEquals(outcome.stderr.trim().split("\n").length, 1);
  }
});

Deno.test("what `web` cannot serve it says in one line", async () => {
  await using home = await openHome();
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  for (
    const [args, code, text] of [
      [`web --web-listen 127.0.0.1:${port}`, 1, "The pages may be served there already"],
      ["web --web-listen nowhere", 2, "cannot use WIFILOGGER_WEB_LISTEN"],
      ["web --web-listen 0.0.0.0:0", 2, "no password is set. Set one: wifilogger web password"],
      ["web --web-tls-cert /nonesuch.pem", 2, "belong together"],
      ["web --web-tls-cert /nonesuch.pem --web-tls-key /nonesuch.key", 2, "No such file"],
      ["web --web-hosts a,b/c", 2, "is no name of a host"],
    ] as const
  ) {
    const { code: found, stderr } = await home.run(args);
    assertEquals([found, stderr.trim().split("\n").length], [code, 1], stderr);
    assertStringIncludes(stderr, text);
  }
});

const FAR = `ip link set lo up; ip address add 203.0.113.9/32 dev lo
"$@" web --web-listen 0.0.0.0:19480 >/dev/null & server=$!
ask() { curl --silent --max-time 5 --retry 20 --retry-connrefused --retry-delay 1 "$@"; echo; }
ask --interface 127.0.0.1 http://127.0.0.1:19480/api/v1/session
ask --interface 203.0.113.9 --header 'host: 127.0.0.1:19480' http://203.0.113.9:19480/
kill $server; wait`;

testWhen(
  lacks({ root: true, commands: ["unshare", "ip", "curl"] }),
  "in the open `web` serves nobody who comes from far away, whatever host he names",
  async () => {
    await using home = await openHome();
    await home.run("web password", `${PASSWORD}\n`);
    const { stdout } = await new Deno.Command("unshare", {
      args: ["--net", "sh", "-c", FAR, "sh", ...PROGRAM],
      env: home.env,
      stderr: "null",
    }).output();
    const [near, far] = new TextDecoder().decode(stdout).trim().split("\n");
    assertEquals(near, '{"signed_in":false,"has_password":true}');
    assertMatch(
      far,
      /^wifilogger: the pages are not served over plain HTTP.*WIFILOGGER_WEB_TLS_CERT/,
    );
  },
);
