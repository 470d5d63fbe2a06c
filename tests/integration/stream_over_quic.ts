/**
 * Takes some bytes from a server over QUIC without asking DNS for it.
 *
 * Run on a device: `stream_over_quic.ts ADDRESS SERVER_NAME FOLDER`, FOLDER being where the servers' certificate is.
 */

import { join } from "@std/path";
import { streamFrom } from "../../scripts/household/device.ts";
import { CERTIFICATE } from "../../scripts/household/internet.ts";

if (import.meta.main) {
  const [address, serverName, folder] = Deno.args;
  const certificate = await Deno.readTextFile(join(folder, CERTIFICATE));
  await streamFrom({ address, serverName, byteLength: 20_000, certificate });
  // The server's last packet must find a socket: the kernel's answer where there is none is a flow of its own.
  await new Promise((resolve) => setTimeout(resolve, 500));
}
