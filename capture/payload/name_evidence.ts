/** What the first payloads of a flow said about it. */

import type { EncryptedClientHello } from "../tls/client_hello.ts";

/** Each name is in the form that `presentationName()` gives it, and absent where there was none. */
export interface NameEvidence {
  /** The protocol that the flow began with: `http` also where a tunnel for TLS was asked for. */
  protocol?: "tls" | "quic" | "http";
  /** server_name of a ClientHello over TCP. */
  tlsServerName?: string;
  /** server_name of a ClientHello over QUIC. */
  quicServerName?: string;
  /** Host of the first HTTP request; for CONNECT, the host to which a tunnel was asked for. */
  httpHost?: string;
  /** The hello that gave, or did not give, a server name had the encrypted_client_hello extension. */
  ech?: EncryptedClientHello;
}
