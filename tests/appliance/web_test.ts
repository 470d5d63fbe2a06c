/** The pages as a service: there with the first visitor, and gone when nobody comes; for the network, and for nobody else. */

import { eventually } from "../../scripts/household/eventually.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { lacks, testWhen } from "../skip.ts";
import {
  bootWithInstaller,
  filesOf,
  HOME,
  install,
  LOGS,
  UNITS,
  untilIt,
  whyNoMachine,
} from "./installation.ts";
import { ADDRESS, type Machine } from "./machine.ts";
import { send } from "./numbered_traffic.ts";

const WEB = "wifilogger-web.service";
const PROXY = "wifilogger-web-proxy.service";
const SOCKET = "wifilogger-web.socket";
const PASSWORD = "four words are long";
/** The machine in a home network, and somebody in it. */
const HOME_ADDRESS = "192.168.77.2";
const VISITOR = "192.168.77.1/24";
const URL_AT_HOME = `http://${HOME_ADDRESS}:9480`;

const missing = lacks({ root: true, commands: ["curl", "openssl"] }) ?? await whyNoMachine();

testWhen(missing, "the pages' service comes with a visitor, and goes", async (t) => {
  /** What comes after a step that failed would fail for no reason of its own. */
  const step = async (name: string, fn: () => void | Promise<void>) => {
    if (!await t.step(name, fn)) throw new Error(`stopped at: ${name}`);
  };
  await using machine = await bootWithInstaller();
  const folder = await Deno.makeTempDir({ prefix: "wifilogger-test-" });
  await using _folder = {
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
  const jar = `${folder}/cookies`;
  await atHome(machine);
  const filesBefore = await filesOf(machine);
  const of = (unit: string, name: string) =>
    machine.output("systemctl", "show", "--value", "--property", name, unit);
  const states = async () => [await of(SOCKET, "ActiveState"), await of(WEB, "ActiveState")];
  const curl = (path: string, ...args: string[]) => visit(machine, URL_AT_HOME + path, args);
  const processes = async () =>
    (await machine.run("pgrep", "-fa", "wifilogger web|socket-proxyd")).stdout;

  await step("without --web there are no pages, and nothing runs", async () => {
    assertStringIncludes(await install(machine), "pages     off: for the whole network, run");
    assertEquals([await states(), await processes()], [["inactive", "inactive"], ""]);
  });

  await step("a password that is easily guessed changes nothing", async () => {
    const { code, stderr } = await machine.runAsPi("echo short | sudo ./install.sh --web");
    assertEquals(code, 2, stderr);
    assertStringIncludes(stderr, "fewer than 10 characters");
    assertEquals(await states(), ["inactive", "inactive"]);
  });

  await step("with --web they wait for a visitor, and take nothing", async () => {
    const { code, stdout, stderr } = await machine.runAsPi(
      `echo '${PASSWORD}' | sudo ./install.sh --web`,
    );
    assertEquals([code, stderr], [0, ""], stdout);
    assertStringIncludes(stdout, "pages     http://pi:9480");
    assertEquals([await states(), await processes()], [["active", "inactive"], ""]);
    assertEquals(
      await machine.output("stat", "-c", "%a %U", `${HOME}/wifi_logger/web.json`),
      "600 pi",
    );
    await shortIdleTime(machine);
  });

  await step("root makes a token for a script in the file of the service's user", async () => {
    const added = await machine.runAsPi("sudo wifilogger web token add backup");
    assertEquals(added.code, 0, added.stderr);
    const listed = await machine.runAsPi("sudo wifilogger web token list");
    assertStringIncludes(listed.stdout, "backup", listed.stderr);
    assertEquals(
      await machine.output("stat", "-c", "%a %U", `${HOME}/wifi_logger/web.json`),
      "600 pi",
    );
  });

  await step("the first visitor is served, by processes with no privilege", async () => {
    const startedAt = performance.now();
    const { status, body } = await curl("/api/v1/session");
    const ms = Math.round(performance.now() - startedAt);
    assertEquals([status, body], [200, '{"signed_in":false,"has_password":true}']);
    console.log(`        the first answer came after ${ms} ms`);
    for (const unit of [WEB, PROXY]) {
      const pid = await of(unit, "MainPID");
      const text = await machine.output("cat", `/proc/${pid}/status`);
      assertStringIncludes(text, `CapEff:\t${"0".repeat(16)}`);
      assertStringIncludes(text, `CapBnd:\t${"0".repeat(16)}`);
      assertEquals(await of(unit, "User"), "pi");
      assertEquals(await of(unit, "ActiveState"), "active", "what only activates is stopped");
    }
  });

  await step("each is exposed by 2.0 at most", async () => {
    for (const unit of [WEB, PROXY]) {
      const { code, stdout } = await machine.run(
        ...["systemd-analyze", "security", "--no-pager", "--threshold=20", unit],
      );
      console.log(`        ${/Overall exposure level.*/.exec(stdout)?.[0]}`);
      assertEquals(code, 0, stdout);
    }
  });

  await step("it may write names and marks, and nothing of the log", async () => {
    await curl("/api/v1/session");
    const pid = await of(WEB, "MainPID");
    const touch = (file: string) =>
      machine.run("nsenter", "--target", pid, "--mount", "/usr/bin/touch", file);
    for (
      const file of [
        `${LOGS}/x`,
        "/mnt/ramlogs/x",
        `${HOME}/.env`,
        `${HOME}/wifi_logger/web.json`,
        "/usr/x",
      ]
    ) {
      assertStringIncludes((await touch(file)).stderr, "Read-only");
    }
    const devices = await machine.output("cat", `/proc/${pid}/net/dev`);
    assertEquals(devices.match(/^ *\w+(?=:)/gm)?.map((name) => name.trim()), ["lo"]);
  });

  let csrf = "";
  await step("who knows the password sees what passes, and may give names", async () => {
    await send(machine, { first: 10_000, count: 20 }).done();
    const wrong = await curl("/api/v1/login", "--json", '{"password":"a wrong guess"}');
    assertEquals(wrong.status, 401);
    const { status, body } = await curl(
      "/api/v1/login",
      ...["--cookie-jar", jar, "--json", JSON.stringify({ password: PASSWORD })],
    );
    assertEquals(status, 200, body);
    csrf = JSON.parse(body).csrf;
    const logger = JSON.parse((await curl("/api/v1/status", "--cookie", jar)).body);
    assertEquals(logger.state, "running");
    await eventually("records", async () => {
      const { records } = JSON.parse((await curl("/api/v1/records", "--cookie", jar)).body);
      return records.length >= 20;
    });
    const { devices } = JSON.parse((await curl("/api/v1/devices", "--cookie", jar)).body);
    const change = [
      "--cookie",
      jar,
      "--header",
      `origin: ${URL_AT_HOME}`,
      "--header",
      `x-csrf-token: ${csrf}`,
    ];
    const rename = `/api/v1/devices/${encodeURIComponent(devices[0].id)}/rename`;
    const renamed = await curl(rename, ...change, "--json", '{"name":"the cable"}');
    assertEquals([renamed.status, JSON.parse(renamed.body).device], [200, "the cable"]);
    assertStringIncludes(
      await machine.output("cat", `${HOME}/wifi_logger/news/owner.json`),
      "the cable",
    );
    const flushed = await curl("/api/v1/flush", ...change, "--request", "POST");
    assertEquals(flushed.status, 200, flushed.body);
    const { findings } = JSON.parse((await curl("/api/v1/doctor", "--cookie", jar)).body);
    const bad = findings.filter(({ level }: { level: string }) => level === "bad");
    // No other device's traffic passes there.
    assertEquals(bad.map(({ what }: { what: string }) => what), ["vantage"]);
  });

  await step("when nobody comes any more it goes, and the socket stays", async () => {
    await eventually("no process", async () => (await processes()) === "");
    assertEquals(await states(), ["active", "inactive"]);
  });

  await step("who comes again is still signed in", async () => {
    const { body } = await curl("/api/v1/session", "--cookie", jar);
    assertEquals(JSON.parse(body).signed_in, true);
  });

  await step("a process that is killed is there again for the next visitor", async () => {
    await machine.output("systemctl", "kill", "--signal=SIGKILL", WEB);
    await eventually("an answer", async () => (await curl("/api/v1/session")).status === 200);
  });

  await step("in the open it serves nobody from outside of private networks", async () => {
    // This network's addresses are documentation's, and no private ones.
    const { status } = await visit(machine, `http://${ADDRESS}:9480/`, []);
    assert([0, 403].includes(status), `${status}`);
    const forged = await visit(machine, `http://${ADDRESS}:9480/api/v1/session`, [
      ...["--header", `host: ${HOME_ADDRESS}:9480`],
    ]);
    // The kernel drops him where it can filter by units, which a container's cannot.
    console.log(`        with the host's private address forged: ${forged.status || "dropped"}`);
    const far = await curl("/", "--header", "host: 203.0.113.7");
    assertEquals(far.status, 403);
    assertMatch(far.body, /not served over plain HTTP.*WIFILOGGER_WEB_TLS_CERT/);
  });

  await step("with a certificate of one's own it serves HTTPS, and everybody", async () => {
    await machine.runAsPi("mkdir -p tls");
    const openssl = await new Deno.Command("openssl", {
      args: "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=pi -keyout key.pem -out cert.pem"
        .split(" "),
      cwd: folder,
      stderr: "null",
    }).output();
    assert(openssl.success);
    for (const name of ["key.pem", "cert.pem"]) {
      await Deno.copyFile(`${folder}/${name}`, machine.path(`${HOME}/tls/${name}`));
    }
    await machine.output("chown", "-R", "pi:", `${HOME}/tls`);
    await machine.output("chmod", "600", `${HOME}/tls/key.pem`);
    await machine.runAsPi(
      `printf 'WIFILOGGER_WEB_TLS_CERT=~/tls/cert.pem\\nWIFILOGGER_WEB_TLS_KEY=~/tls/key.pem\\n' >>.env`,
    );
    assertStringIncludes(await install(machine), "pages     https://pi:9480");
    for (const address of [HOME_ADDRESS, ADDRESS]) {
      const { status } = await visit(machine, `https://${address}:9480/api/v1/session`, [
        "--insecure",
      ]);
      assertEquals(status, 200, address);
    }
    const { status, headers } = await visit(machine, `https://${HOME_ADDRESS}:9480/api/v1/login`, [
      ...["--insecure", "--json", JSON.stringify({ password: PASSWORD })],
    ]);
    assertEquals(status, 200);
    assertMatch(
      headers,
      /set-cookie: __Host-wifilogger=.*; Path=\/; HttpOnly; SameSite=Strict; Secure/i,
    );
    assertEquals((await curl("/api/v1/session")).status, 0);
    await machine.runAsPi("sed -i /WIFILOGGER_WEB_TLS/d .env; rm -r tls");
    await install(machine);
  });

  await step("after a reboot the socket is there, and no process", async () => {
    await machine.reboot();
    await atHome(machine);
    await untilIt(machine, "capturing");
    assertEquals([await states(), await processes()], [["active", "inactive"], ""]);
    assertEquals((await curl("/api/v1/session")).status, 200);
  });

  await step("--no-web closes it, and --uninstall leaves nothing of it", async () => {
    assertStringIncludes(await install(machine, "--no-web"), "pages     off");
    assertEquals([await states(), await processes()], [["inactive", "inactive"], ""]);
    assertEquals((await curl("/api/v1/session")).status, 0);
    await machine.output("rm", "-r", `${UNITS}/${PROXY}.d`);
    await install(machine, "--purge");
    assertEquals(await filesOf(machine), filesBefore);
    for (const unit of [SOCKET, PROXY, WEB]) {
      assertEquals((await machine.run("systemctl", "cat", unit)).code, 1, unit);
    }
  });
});

/** Plugs the cable in, with private addresses on both ends. */
async function atHome(machine: Machine): Promise<void> {
  await machine.plug();
  await machine.ip(`address replace ${HOME_ADDRESS}/24 dev host0`);
  const device = "ip -o link show type veth | sed -n 's/.*\\(ve-[a-z]*\\)@.*/\\1/p'";
  const outside = machine.startOutside([
    ...["sh", "-c", `ip address replace ${VISITOR} dev "$(${device})"`],
  ]);
  await outside.stdin.close();
  assertEquals((await outside.output()).code, 0);
}

/** Otherwise a visit would take ten minutes to be over. */
async function shortIdleTime(machine: Machine): Promise<void> {
  const command = (await machine.output("systemctl", "cat", PROXY))
    .match(/^ExecStart=(.*)$/m)![1].replace("=10min", "=3s");
  await machine.output("mkdir", "-p", `${UNITS}/${PROXY}.d`);
  await Deno.writeTextFile(
    machine.path(`${UNITS}/${PROXY}.d/short.conf`),
    `[Service]\nExecStart=\nExecStart=${command}\n`,
  );
  await machine.output("systemctl", "daemon-reload");
}

/** Asks from outside; status 0 is no answer at all. */
async function visit(machine: Machine, url: string, args: readonly string[]) {
  const child = machine.startOutside([
    ...["curl", "--silent", "--max-time", "8", "--include", ...args, url],
  ]);
  await child.stdin.close();
  const { stdout } = await child.output();
  const text = new TextDecoder().decode(stdout);
  const [headers, ...body] = text.split("\r\n\r\n");
  return {
    status: Number(/^HTTP\/[\d.]+ (\d+)/.exec(headers)?.[1] ?? 0),
    headers,
    body: body.join("\r\n\r\n"),
  };
}
