/** Datagrams to unix sockets: Deno sends them only under an unstable flag, so they go through the C library. */

import { loadLibc } from "./native.ts";

const AF_UNIX = 1;
const SOCK_DGRAM_CLOEXEC = 2 | 0o2000000;
/** Neither waits for a receiver that is behind, nor dies of one that is gone. */
const MSG_DONTWAIT_NOSIGNAL = 0x40 | 0x4000;
/** `struct sockaddr_un`: the family in 16 bits, then the path. */
const PATH_OFFSET = 2;
const PATH_LENGTH_MAX = 108;

/** Kept: a process whose file descriptors are used up still tells its watchdog that it lives. */
let descriptor = -1;

/**
 * Sends one datagram to the socket at `path`; one that begins with `@` is abstract, see unix(7).
 *
 * @returns whether it was taken
 */
export function sendUnixDatagram(path: string, text: string): boolean {
  const name = new TextEncoder().encode(path);
  if (name.length >= PATH_LENGTH_MAX) return false;
  const address = new Uint8Array(PATH_OFFSET + name.length);
  new DataView(address.buffer).setUint16(0, AF_UNIX, true);
  address.set(name, PATH_OFFSET);
  if (path.startsWith("@")) address[PATH_OFFSET] = 0;

  const libc = loadLibc();
  if (descriptor < 0) descriptor = libc.socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
  if (descriptor < 0) return false;
  const bytes = new TextEncoder().encode(text);
  const size = BigInt(bytes.length);
  const flags = MSG_DONTWAIT_NOSIGNAL;
  return libc.sendto(descriptor, bytes, size, flags, address, address.length) === size;
}
