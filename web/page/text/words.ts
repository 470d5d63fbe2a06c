/** Words of the log as people say them. */

const EVIDENCE: Readonly<Record<string, string>> = {
  tls_sni: "TLS",
  quic_sni: "QUIC",
  http_host: "HTTP",
  dns: "DNS",
  ptr: "reverse DNS",
  none: "address only",
  mac: "MAC address",
  random_mac: "random MAC address",
  address: "address",
};

/** By what a name was known. */
export function evidenceText(evidence: string): string {
  return EVIDENCE[evidence] ?? evidence;
}

const GAPS: Readonly<Record<string, string>> = {
  kernel_drop: "packets dropped by the kernel",
  interface_down: "interface down",
  ram_full: "records lost, RAM log full",
  restart: "logger not running",
  undecodable: "damaged packets",
};

/** Why something is missing. */
export function gapText(reason: string): string {
  return GAPS[reason] ?? reason;
}

const END_REASONS: Readonly<Record<string, string>> = {
  active: "goes on",
  idle: "fell silent",
  fin: "closed",
  rst: "reset",
  evicted: "table was full",
  shutdown: "logger stopped",
};

/** How a flow ended, or that it goes on. */
export function endReasonText(reason: string): string {
  return END_REASONS[reason] ?? reason;
}

const KINDS: Readonly<Record<string, string>> = {
  device: "device",
  site: "site",
  country: "country",
  owner: "network owner",
  service: "service",
  limit: "limit",
};

/** What kind of thing is new. */
export function kindText(kind: string): string {
  return KINDS[kind] ?? kind;
}

const PORTS: Readonly<Record<number, string>> = {
  22: "SSH",
  23: "Telnet",
  53: "DNS",
  80: "HTTP",
  123: "NTP",
  443: "HTTPS",
  853: "DNS over TLS",
  993: "IMAP",
  1883: "MQTT",
  3478: "STUN",
  5228: "Google push",
  8883: "MQTT over TLS",
};

/** `443 HTTPS` */
export function portText(port: number): string {
  return PORTS[port] === undefined ? String(port) : `${port} ${PORTS[port]}`;
}
