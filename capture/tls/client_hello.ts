/** The TLS ClientHello (RFC 8446, 4.1.2, and its forerunners back to SSL 3): whom a client asks for. */

import { ByteCursor } from "../wire/byte_cursor.ts";
import { nameFromBytes } from "../wire/name_bytes.ts";
import { ECH_VERSION } from "./ech_config.ts";
import {
  HANDSHAKE_CLIENT_HELLO,
  HANDSHAKE_HEADER_LENGTH,
  LEGACY_VERSION_OFFSET,
  VERSION_MAJOR,
} from "./handshake.ts";

/** The encrypted_client_hello extension (RFC 9849, 5). */
export interface EncryptedClientHello {
  /**
   * `outer`: the true name is encrypted, and `serverName` is the public name of who can decrypt it; or the client
   * only pretends (GREASE), and `serverName` is the true one. The wire does not tell them apart: a configuration
   * with this id in the server's DNS record does.
   */
  readonly kind: "outer" | "inner";
  /** `config_id` of an outer hello: which of the server's configurations it was encrypted for. */
  readonly configId?: number;
}

/** What a ClientHello says of its server. */
export interface ClientHello {
  /** The host_name of server_name, see `nameFromBytes()`; absent when none was sent, or no possible name. */
  readonly serverName?: string;
  readonly ech?: EncryptedClientHello;
}

const RANDOM_LENGTH = 32;
const MAX_SESSION_ID_LENGTH = 32;

/** RFC 6066, 3. */
const EXTENSION_SERVER_NAME = 0;
const NAME_TYPE_HOST_NAME = 0;
/** RFC 9849, 5: the extension has the number of the version of its configurations. */
const EXTENSION_ENCRYPTED_CLIENT_HELLO = ECH_VERSION;
const ECH_OUTER = 0;
const ECH_INNER = 1;

/**
 * Reads the ClientHello that begins with the handshake header at the first of `bytes`. `"incomplete"` while bytes of
 * it are missing; `"invalid"` when it is no ClientHello, or one whose lengths do not fit or that names its server
 * twice, which no server would accept.
 */
export function parseClientHello(bytes: Uint8Array): ClientHello | "incomplete" | "invalid" {
  if (bytes.length > 0 && bytes[0] !== HANDSHAKE_CLIENT_HELLO) return "invalid";
  if (bytes.length > LEGACY_VERSION_OFFSET && bytes[LEGACY_VERSION_OFFSET] !== VERSION_MAJOR) {
    return "invalid";
  }
  if (bytes.length < HANDSHAKE_HEADER_LENGTH) return "incomplete";
  const message = new ByteCursor(bytes);
  message.uint8();
  const length = message.uint24();
  if (bytes.length < HANDSHAKE_HEADER_LENGTH + length) return "incomplete";

  const body = new ByteCursor(message.take(length));
  body.uint16(); // legacy_version
  body.take(RANDOM_LENGTH);
  const sessionId = body.vector8();
  const cipherSuites = body.vector16();
  const compressionMethods = body.vector8();
  // Before TLS 1.3 a hello may end here (RFC 5246, 7.4.1.2).
  const hasExtensions = !body.atEnd;
  const extensions = hasExtensions ? body.vector16() : new Uint8Array(0);
  const fits = !body.overrun && body.atEnd && sessionId.length <= MAX_SESSION_ID_LENGTH &&
    cipherSuites.length >= 2 && cipherSuites.length % 2 === 0 && compressionMethods.length >= 1;
  return fits ? readExtensions(extensions) : "invalid";
}

/** RFC 8446, 4.2: each extension's type and data; no type comes twice. */
function readExtensions(bytes: Uint8Array): ClientHello | "invalid" {
  const extensions = new ByteCursor(bytes);
  let serverNameList: Uint8Array | undefined;
  let echData: Uint8Array | undefined;
  while (!extensions.atEnd) {
    const type = extensions.uint16();
    const data = extensions.vector16();
    if (type === EXTENSION_SERVER_NAME) {
      if (serverNameList !== undefined) return "invalid";
      serverNameList = data;
    } else if (type === EXTENSION_ENCRYPTED_CLIENT_HELLO) {
      if (echData !== undefined) return "invalid";
      echData = data;
    }
  }
  const hostName = serverNameList && readServerNameList(serverNameList);
  const ech = echData && readEncryptedClientHello(echData);
  if (extensions.overrun || hostName === "invalid" || ech === "invalid") return "invalid";
  return { serverName: hostName && nameFromBytes(hostName), ech };
}

/** RFC 6066, 3: a list of names of different types, of which only host_name was ever defined. */
function readServerNameList(data: Uint8Array): Uint8Array | undefined | "invalid" {
  const extension = new ByteCursor(data);
  const list = new ByteCursor(extension.vector16());
  if (extension.overrun || !extension.atEnd || list.atEnd) return "invalid";
  let hostName: Uint8Array | undefined;
  while (!list.atEnd) {
    const type = list.uint8();
    const name = list.vector16();
    if (type !== NAME_TYPE_HOST_NAME) continue;
    if (hostName !== undefined) return "invalid";
    hostName = name;
  }
  return list.overrun ? "invalid" : hostName;
}

/** RFC 9849, 5: ECHClientHello. */
function readEncryptedClientHello(data: Uint8Array): EncryptedClientHello | "invalid" {
  const extension = new ByteCursor(data);
  const type = extension.uint8();
  if (type === ECH_INNER) return extension.atEnd ? { kind: "inner" } : "invalid";
  if (type !== ECH_OUTER) return "invalid";
  extension.uint16(); // cipher_suite.kdf_id
  extension.uint16(); // cipher_suite.aead_id
  const configId = extension.uint8();
  extension.vector16(); // enc
  const payload = extension.vector16();
  const fits = !extension.overrun && extension.atEnd && payload.length > 0;
  return fits ? { kind: "outer", configId } : "invalid";
}
