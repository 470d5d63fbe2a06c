/** Certificates that openssl has made, usable and not. */

import { join } from "node:path";
import { assert, assertEquals, assertStringIncludes } from "../../assert.ts";
import { lacks, testWhen } from "../../skip.ts";
import { certificateFault } from "../../../forward/outputs/own_certificate.ts";

const missing = lacks({ commands: ["openssl"] });

testWhen(missing, "`certificateFault()` says why a certificate cannot be shown", async () => {
  const folder = await Deno.makeTempDir();
  const openssl = async (args: string) => {
    const { success, stderr } = await new Deno.Command("openssl", {
      args: args.split(" "),
      cwd: folder,
    }).output();
    assert(success, new TextDecoder().decode(stderr));
  };
  const read = (name: string) => Deno.readTextFile(join(folder, name));
  try {
    const newKey = "-newkey rsa:2048 -nodes -days 2";
    for (const name of ["a", "b"]) {
      await openssl(`req -x509 ${newKey} -subj /CN=${name} -keyout ${name}.key -out ${name}.pem`);
    }
    await openssl("ecparam -name prime256v1 -genkey -noout -out ec.key");
    await openssl("req -x509 -new -key ec.key -subj /CN=ec -days 2 -out ec.pem");
    // So most guides make one: without extensions it is of version 1.
    await openssl("req -new -key a.key -subj /CN=old -out old.csr");
    await openssl(
      "x509 -req -days 2 -in old.csr -CA b.pem -CAkey b.key -CAcreateserial -out old.pem",
    );
    await openssl("rsa -in a.key -aes128 -passout pass:x -out locked.key");

    const fault = async (cert: string, key: string) =>
      await certificateFault(await read(cert), await read(key));
    assertEquals(await fault("a.pem", "a.key"), undefined);
    assertEquals(await fault("ec.pem", "ec.key"), undefined);
    assertEquals(await fault("a.pem", "b.key"), "tls-key is not the key of tls-cert");
    assertStringIncludes((await fault("old.pem", "a.key"))!, "version 1 of X.509");
    assertEquals(await fault("a.key", "a.key"), "tls-cert is no certificate in PEM");
    assertStringIncludes((await fault("a.pem", "a.pem"))!, "tls-key cannot be used");
    assertStringIncludes((await fault("a.pem", "locked.key"))!, "passphrase");
    const broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assertEquals(await certificateFault(broken, ""), "tls-cert is no certificate in PEM");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
