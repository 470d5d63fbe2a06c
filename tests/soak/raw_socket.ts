/** A packet socket that sends frames on an interface, and finds that again when it was removed and is back. */

const LIBC = {
  /** `unsigned if_nametoindex(const char *ifname)` */
  if_nametoindex: { parameters: ["buffer"], result: "u32" },
  /** `int socket(int domain, int type, int protocol)` */
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  /** `ssize_t sendto(int, const void *buf, size_t len, int flags, const struct sockaddr *, socklen_t)` */
  sendto: { parameters: ["i32", "buffer", "usize", "i32", "buffer", "u32"], result: "isize" },
} as const satisfies Deno.ForeignLibraryInterface;

const AF_PACKET = 17;
const SOCK_RAW = 3;
const MSG_DONTWAIT = 0x40;
/** `struct sockaddr_ll`. */
const ADDRESS_LENGTH = 20;
const INDEX_OFFSET = 4;
const LOOK_MS = 100;

/** Sends on any interface of the network namespace that it was made in. */
export class RawSocket {
  readonly #libc = Deno.dlopen("libc.so.6", LIBC).symbols;
  readonly #socket: number;
  readonly #address = new DataView(new ArrayBuffer(ADDRESS_LENGTH));
  #name: Uint8Array<ArrayBuffer>;
  #nextLookMs = 0;

  /** @throws {Error} when it is not root */
  constructor(name: string) {
    this.#socket = this.#libc.socket(AF_PACKET, SOCK_RAW, 0);
    if (this.#socket < 0) throw new Error("no packet socket: it takes root");
    this.#address.setUint16(0, AF_PACKET, true);
    this.#name = cString(name);
    this.#find();
  }

  /** Sends on another interface from now on. */
  use(name: string): void {
    this.#name = cString(name);
    this.#find();
  }

  /** Whether the kernel took the frame. */
  send(frame: Uint8Array<ArrayBuffer>): boolean {
    const address = new Uint8Array(this.#address.buffer);
    const length = BigInt(frame.length);
    const { sendto } = this.#libc;
    const sent = sendto(this.#socket, frame, length, MSG_DONTWAIT, address, ADDRESS_LENGTH);
    if (sent === length) return true;
    if (performance.now() > this.#nextLookMs) this.#find();
    return false;
  }

  #find(): void {
    this.#nextLookMs = performance.now() + LOOK_MS;
    this.#address.setUint32(INDEX_OFFSET, this.#libc.if_nametoindex(this.#name), true);
  }
}

function cString(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${text}\0`);
}
