/** What TLS handshake messages have in common (RFC 8446, 4). */

/** HandshakeType. */
export const HANDSHAKE_CLIENT_HELLO = 1;
export const HANDSHAKE_SERVER_HELLO = 2;
/** Of the message: type (1) and length (3). */
export const HANDSHAKE_HEADER_LENGTH = 4;
/** Where legacy_version begins in both hellos. */
export const LEGACY_VERSION_OFFSET = 4;
/** The first byte of legacy_version and of legacy_record_version in all versions, SSL 3 to TLS 1.3. */
export const VERSION_MAJOR = 3;
