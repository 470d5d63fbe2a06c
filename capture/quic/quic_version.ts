/** The versions of QUIC whose Initial packets can be read: how each derives their keys and numbers their types. */

/** What differs between versions in a client's Initial packets. */
export interface QuicVersion {
  /** Salt of the Initial secret (RFC 9001, 5.2; RFC 9369, 3.3.1). */
  readonly initialSalt: Uint8Array;
  /** What the labels of key, iv and hp begin with (RFC 9001, 5.1; RFC 9369, 3.3.2). */
  readonly labelPrefix: "quic" | "quicv2";
  /** The two bits of the long packet type that mean Initial, and those of Retry (RFC 9000, 17.2; RFC 9369, 3.2). */
  readonly initialType: number;
  readonly retryType: number;
  /** The payload is made of Google's frames, not of RFC 9000's. */
  readonly hasGoogleFrames: boolean;
  /** What the frames carry: a TLS ClientHello, or Google's CHLO (see `gquic.ts`). */
  readonly handshake: "tls" | "chlo";
}

const VERSION_1 = 0x0000_0001;
const VERSION_2 = 0x6b33_43cf;
/** `0xff0000` and the number of the draft of RFC 9000. */
const DRAFT_PREFIX = 0xff_0000;
const FIRST_DRAFT = 22;
const LAST_DRAFT = 34;
/** Facebook's mvfst numbered its versions itself, but took the salts of drafts 22 and 27. */
const MVFST_DRAFT_22 = 0xface_b001;
const MVFST_DRAFT_27 = 0xface_b002;
const MVFST_EXPERIMENTAL = 0xface_b00e;
/** Google's, in ASCII: with its own crypto handshake (Q), and with TLS (T). */
const Q050 = 0x5130_3530;
const T050 = 0x5430_3530;
const T051 = 0x5430_3531;

function ietf(salt: string): QuicVersion {
  return {
    initialSalt: fromHex(salt),
    labelPrefix: "quic",
    initialType: 0,
    retryType: 3,
    hasGoogleFrames: false,
    handshake: "tls",
  };
}

function google(salt: string, handshake: QuicVersion["handshake"]): QuicVersion {
  return { ...ietf(salt), hasGoogleFrames: true, handshake };
}

function fromHex(digits: string): Uint8Array {
  return Uint8Array.from(digits.match(/../g) ?? [], (byte) => parseInt(byte, 16));
}

const RFC_9001 = ietf("38762cf7f55934b34d179ae6a4c80cadccbb7f0a");
const DRAFT_29 = ietf("afbfec289993d24c9e9786f19c6111e04390a899");
const DRAFT_23 = ietf("c3eef712c72ebb5a11a7d2432bb46365bef9f502");
const DRAFT_22 = ietf("7fbcdb0e7c66bbe9193a96cd21519ebd7a02644a");

const VERSIONS: ReadonlyMap<number, QuicVersion> = new Map([
  [VERSION_1, RFC_9001],
  [VERSION_2, {
    ...ietf("0dede3def700a6db819381be6e269dcbf9bd2ed9"),
    labelPrefix: "quicv2",
    initialType: 1,
    retryType: 0,
  }],
  ...drafts(),
  [MVFST_DRAFT_22, DRAFT_22],
  [MVFST_DRAFT_27, DRAFT_23],
  [MVFST_EXPERIMENTAL, DRAFT_23],
  [Q050, google("504574efd066fe2f9d945cfcdbd3a7f0d3b56b45", "chlo")],
  [T050, google("7ff579e5acd072915580304c43a2367c60488310", "tls")],
  [T051, google("7a4edef4e7ccee5fa4506c19124fc8ccda6e033d", "tls")],
]);

/** The salt was changed by drafts 23, 29 and 33, which took the one of RFC 9001. */
function drafts(): [number, QuicVersion][] {
  const versions: [number, QuicVersion][] = [];
  for (let draft = FIRST_DRAFT; draft <= LAST_DRAFT; draft++) {
    const version = draft >= 33
      ? RFC_9001
      : draft >= 29
      ? DRAFT_29
      : draft >= 23
      ? DRAFT_23
      : DRAFT_22;
    versions.push([DRAFT_PREFIX * 256 + draft, version]);
  }
  return versions;
}

/** The properties of a version by its number on the wire (unsigned); `undefined` when it is not known. */
export function quicVersion(number: number): QuicVersion | undefined {
  return VERSIONS.get(number);
}

/** Whether a version is reserved to provoke a version negotiation (RFC 9000, 15: 0x?a?a?a?a). */
export function isReservedVersion(number: number): boolean {
  return (number & 0x0f0f0f0f) === 0x0a0a0a0a;
}
