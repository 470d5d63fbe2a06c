/** Debian's mosquitto, for tests. */

import { join } from "node:path";
import { assert } from "../assert.ts";

/** mosquitto runs as a user of its own. */
const READABLE = 0o644;

/** A broker on a port of its own, with a folder for its files. */
export async function startBroker(lines: (folder: string) => Promise<readonly string[]>) {
  const folder = await Deno.makeTempDir({ prefix: "wifilogger-test-" });
  await Deno.chmod(folder, 0o755);
  const { port } = freeAddress();
  const config = [`listener ${port} 127.0.0.1`, "persistence false", ...await lines(folder)];
  await Deno.writeTextFile(join(folder, "mosquitto.conf"), config.join("\n") + "\n");
  const child = new Deno.Command("mosquitto", {
    args: ["-c", join(folder, "mosquitto.conf")],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const endMs = Date.now() + 10_000;
  for (;;) {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port }).catch(() => undefined);
    connection?.close();
    if (connection !== undefined) break;
    assert(Date.now() < endMs, "the broker does not listen");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    port,
    folder,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.status;
      await Deno.remove(folder, { recursive: true });
    },
  };
}

function freeAddress(): Deno.NetAddr {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr;
}

async function run(folder: string, program: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args, cwd: folder }).output();
  assert(success, new TextDecoder().decode(stderr));
}

/** A certificate for this machine by an authority of the test's own, and a user "pi". */
export async function withTlsAndPassword(folder: string): Promise<readonly string[]> {
  const key = ["-newkey", "rsa:2048", "-nodes"];
  await run(
    folder,
    "openssl",
    ..."req -x509 -days 2 -subj /CN=test -keyout ca.key -out ca.pem".split(" "),
    ...key,
  );
  await run(
    folder,
    "openssl",
    ..."req -subj /CN=localhost -keyout host.key -out host.csr".split(" "),
    ...key,
  );
  await Deno.writeTextFile(join(folder, "names"), "subjectAltName=DNS:localhost");
  await run(
    folder,
    "openssl",
    ..."x509 -req -days 2 -in host.csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile names -out host.pem"
      .split(" "),
  );
  await run(folder, "mosquitto_passwd", "-b", "-c", "passwords", "pi", "p@ss");
  for (const name of ["ca.pem", "host.pem", "host.key", "passwords"]) {
    await Deno.chmod(join(folder, name), READABLE);
  }
  return [
    `cafile ${folder}/ca.pem`,
    `certfile ${folder}/host.pem`,
    `keyfile ${folder}/host.key`,
    `password_file ${folder}/passwords`,
    "allow_anonymous false",
  ];
}

/** Certificates of the same authority, "ours" for this client; who shows none of that authority is refused. */
export async function withClientCertificates(folder: string): Promise<readonly string[]> {
  const lines = await withTlsAndPassword(folder);
  const csr = "req -newkey rsa:2048 -nodes -subj /CN=ours -keyout ours.key -out ours.csr";
  await run(folder, "openssl", ...csr.split(" "));
  await Deno.writeTextFile(join(folder, "use"), "extendedKeyUsage=clientAuth");
  const sign =
    "x509 -req -days 2 -in ours.csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile use -out ours.pem";
  await run(folder, "openssl", ...sign.split(" "));
  return [
    ...lines.filter((line) => /^(ca|cert|key)file/.test(line)),
    "require_certificate true",
    "use_identity_as_username true",
  ];
}

/** Lines of a configuration by which anybody may come in. */
export const inTheOpen = () => Promise.resolve(["allow_anonymous true"]);

/** A port that nobody listens on. */
export function freePort(): number {
  return freeAddress().port;
}
