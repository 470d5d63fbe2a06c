/**
 * Asking systemd whether the network keeps the clock, as `timedatectl` does: the property `NTPSynchronized` of
 * systemd-timedated, over D-Bus. It knows it of every time service (chrony, ntpd, systemd-timesyncd), because it asks the
 * kernel, which a service that may not set the clock may not.
 *
 * One connection a question: authentication, the greeting and the question go out in one piece, and the second reply is
 * the answer. The format of messages is that of the D-Bus specification, "Message Protocol".
 */

const BUS_SOCKET = "/run/dbus/system_bus_socket";
/** The daemon may have to be started first. */
const TIME_LIMIT_MS = 10_000;
/** Longer than any reply that is expected here. */
const LENGTH_MAX = 65_536;

const METHOD_CALL = 1;
const METHOD_RETURN = 2;
const ERROR = 3;
const VERSION = 1;
const LITTLE_ENDIAN = "l".charCodeAt(0);

// Codes of header fields.
const PATH = 1;
const INTERFACE = 2;
const MEMBER = 3;
const DESTINATION = 6;
const SIGNATURE = 8;

/** The user is told from the socket's credentials, so that no name is given. */
const AUTHENTICATION = "\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n";
const AUTHENTICATED = /^DATA\r\nOK [0-9a-f]+\r\n/;

const BUS = "org.freedesktop.DBus";
const TIMEDATED = "org.freedesktop.timedate1";
const HELLO = methodCall({
  serial: 1,
  fields: [
    field(PATH, "o", "/org/freedesktop/DBus"),
    field(DESTINATION, "s", BUS),
    field(INTERFACE, "s", BUS),
    field(MEMBER, "s", "Hello"),
  ],
});
const QUESTION = methodCall({
  serial: 2,
  fields: [
    field(PATH, "o", "/org/freedesktop/timedate1"),
    field(DESTINATION, "s", TIMEDATED),
    field(INTERFACE, "s", `${BUS}.Properties`),
    field(MEMBER, "s", "Get"),
    `${char(SIGNATURE)}\x01g\0\x02ss\0`,
  ],
  body: aligned(text(TIMEDATED), 4) + text("NTPSynchronized"),
});
const REPLIES = 2;
/** The answer's body: a variant that holds a boolean, which takes the four bytes behind this. */
const BOOLEAN = "\x01b\0\0";

/**
 * Whether the clock is kept in step by the network.
 *
 * @throws {Error} when there is no bus, no such daemon on it, or no answer within ten seconds
 */
export async function askTimedated(busPath = BUS_SOCKET): Promise<boolean> {
  const bus = await Deno.connect({ transport: "unix", path: busPath });
  let isOpen = true;
  const close = () => {
    if (isOpen) bus.close();
    isOpen = false;
  };
  const timer = setTimeout(close, TIME_LIMIT_MS);
  try {
    const request = AUTHENTICATION + HELLO + QUESTION;
    // Less than a socket's buffer: never written in part.
    await bus.write(Uint8Array.from(request, (char) => char.charCodeAt(0)));
    let got = new Uint8Array(0);
    const chunk = new Uint8Array(4096);
    while (got.length < LENGTH_MAX) {
      const answer = answerIn(got);
      if (answer !== undefined) return answer;
      const length = await bus.read(chunk);
      if (length === null) break;
      got = new Uint8Array([...got, ...chunk.subarray(0, length)]);
    }
    throw new Error("systemd-timedated gave no answer");
  } finally {
    clearTimeout(timer);
    close();
  }
}

/** The answer in what the bus has sent so far; `undefined` when it is not there yet. */
function answerIn(got: Uint8Array): boolean | undefined {
  const start = AUTHENTICATED.exec(latin1(got.subarray(0, 256)))?.[0].length;
  if (start === undefined) return undefined;
  let replies = 0;
  for (let rest = got.subarray(start); rest.length >= 16;) {
    const view = new DataView(rest.buffer, rest.byteOffset, rest.length);
    if (rest[0] !== LITTLE_ENDIAN) throw new Error("the bus does not speak as this machine does");
    const bodyAt = 16 + Math.ceil(view.getUint32(12, true) / 8) * 8;
    const end = bodyAt + view.getUint32(4, true);
    if (rest.length < end) return undefined;
    const isReply = rest[1] === METHOD_RETURN || rest[1] === ERROR; // and no signal
    if (isReply && ++replies === REPLIES) {
      const isBoolean = latin1(rest.subarray(bodyAt, bodyAt + BOOLEAN.length)) === BOOLEAN;
      if (rest[1] === ERROR || !isBoolean) throw new Error("systemd-timedated does not say");
      return view.getUint32(bodyAt + BOOLEAN.length, true) === 1;
    }
    rest = rest.subarray(end);
  }
  return undefined;
}

// Messages are put together as texts of one character a byte.

function methodCall(
  { serial, fields, body = "" }: { serial: number; fields: string[]; body?: string },
): string {
  // Each field is a structure, which begins at a multiple of eight.
  const array = fields.reduce((fields, field) => aligned(fields, 8) + field, "");
  const start = `l${char(METHOD_CALL)}\0${char(VERSION)}`;
  const header = start + uint32(body.length) + uint32(serial) + uint32(array.length);
  return aligned(header + array, 8) + body;
}

function field(code: number, type: string, value: string): string {
  return `${char(code)}\x01${type}\0${text(value)}`;
}

function text(value: string): string {
  return `${uint32(value.length)}${value}\0`;
}

function uint32(value: number): string {
  return latin1(new Uint8Array(new Uint32Array([value]).buffer)); // little-endian, as this machine
}

function aligned(bytes: string, to: number): string {
  return bytes.padEnd(Math.ceil(bytes.length / to) * to, "\0");
}

function char(code: number): string {
  return String.fromCharCode(code);
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
