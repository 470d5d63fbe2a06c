/**
 * The servers of the rig's Internet, on every address of `addresses.ts`:
 *
 *     80/tcp    HTTP; GET /N answers N bytes, POST swallows the body
 *     443/tcp   the same over TLS, with a certificate made at start (none without openssl)
 *     443/udp   QUIC; answers a stream that says "N" with N bytes
 *     123/udp   NTP
 *
 * Run on the internet machine with a folder for the certificate as its argument; prints `ready` once it serves.
 */

import { join } from "@std/path";
import { type Server, serverAddresses, SERVERS } from "./addresses.ts";

/** The certificate's file in the folder; absent where there is no openssl. */
export const CERTIFICATE = "certificate.pem";
/** The protocol (ALPN) spoken over QUIC. */
export const QUIC_PROTOCOL = "household";

type KeyPair = { cert: string; key: string };

async function serveHttp(request: Request): Promise<Response> {
  await request.body?.pipeTo(new WritableStream());
  const size = Number(new URL(request.url).pathname.slice(1));
  return new Response(new Uint8Array(size));
}

async function serveQuic(hostname: string, keyPair: KeyPair): Promise<void> {
  const endpoint = new Deno.QuicEndpoint({ hostname, port: 443 });
  const listener = endpoint.listen({ ...keyPair, alpnProtocols: [QUIC_PROTOCOL] });
  for (;;) serveStreams(await listener.accept());
}

async function serveStreams(connection: Deno.QuicConn): Promise<void> {
  try {
    for await (const { readable, writable } of connection.incomingBidirectionalStreams) {
      const size = Number(await new Response(readable).text());
      await new Response(new Uint8Array(size)).body!.pipeTo(writable);
    }
  } catch {
    // The client has closed the connection.
  }
}

/** Answers NTP requests (RFC 5905, section 7.3) as a stratum 1 server. */
async function serveNtp(hostname: string): Promise<void> {
  const socket = Deno.listenDatagram({ transport: "udp", hostname, port: 123 });
  for await (const [request, client] of socket) await socket.send(ntpReply(request), client);
}

function ntpReply(request: Uint8Array): Uint8Array {
  const VERSION_4_SERVER = 0b00_100_100;
  const UNIX_TO_NTP_S = 2_208_988_800;
  const reply = new Uint8Array(48);
  const view = new DataView(reply.buffer);
  view.setUint8(0, VERSION_4_SERVER);
  view.setUint8(1, 1);
  reply.set(request.subarray(40, 48), 24); // originate timestamp: the client's transmit timestamp
  for (const timestamp of [16, 32, 40]) {
    view.setUint32(timestamp, Math.floor(Date.now() / 1000) + UNIX_TO_NTP_S);
  }
  return reply;
}

/** A self-signed certificate for every host, or nothing where openssl is missing. */
async function makeCertificate(folder: string): Promise<KeyPair | undefined> {
  const [cert, key] = [join(folder, CERTIFICATE), join(folder, "key.pem")];
  const names = Object.values<Server>(SERVERS).flatMap(({ host }) => host ?? []);
  try {
    const { success, stderr } = await new Deno.Command("openssl", {
      args: [
        ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
        ...["-days", "1", "-subj", "/CN=household", "-keyout", key, "-out", cert],
        ...["-addext", `subjectAltName=${names.map((name) => `DNS:${name}`).join(",")}`],
        ...["-addext", "basicConstraints=critical,CA:FALSE"],
      ],
    }).output();
    if (!success) throw new Error(`openssl: ${new TextDecoder().decode(stderr)}`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  return { cert: await Deno.readTextFile(cert), key: await Deno.readTextFile(key) };
}

if (import.meta.main) {
  const keyPair = await makeCertificate(Deno.args[0]);
  const onListen = () => {};
  for (const hostname of serverAddresses()) {
    Deno.serve({ hostname, port: 80, onListen }, serveHttp);
    serveNtp(hostname);
    if (keyPair === undefined) continue;
    Deno.serve({ hostname, port: 443, onListen, ...keyPair }, serveHttp);
    serveQuic(hostname, keyPair);
  }
  console.log("ready");
}
