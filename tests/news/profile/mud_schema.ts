/**
 * The structure of a MUD file as JSON Schema: the YANG modules of RFC 8520 (ietf-mud, ietf-acldns) and RFC 8519
 * (ietf-access-control-list, ietf-packet-fields) in JSON as RFC 7951 writes it, as far as these files use them. Every leaf
 * that is not in the modules is refused, and every mandatory one required.
 */

const object = (properties: Record<string, unknown>, required: readonly string[] = []) => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
});
const list = (items: unknown, minItems = 0) => ({ type: "array", items, minItems });
const uint = (max: number, min = 0) => ({ type: "integer", minimum: min, maximum: max });

/** RFC 6991. */
const DATE_AND_TIME = {
  type: "string",
  pattern: "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?(Z|[+-]\\d{2}:\\d{2})$",
};
const DOMAIN_NAME = {
  type: "string",
  minLength: 1,
  maxLength: 253,
  pattern: "^((([a-zA-Z0-9_]([a-zA-Z0-9\\-_]){0,61})?[a-zA-Z0-9]\\.)*" +
    "([a-zA-Z0-9_]([a-zA-Z0-9\\-_]){0,61})?[a-zA-Z0-9]\\.?)$",
};
const URI = { type: "string", pattern: "^[a-z][a-z0-9+.-]*:\\S+$" };
/** RFC 8519, section 4.1: a name of 1 to 64 characters. */
const NAME = { type: "string", minLength: 1, maxLength: 64 };

/** `port-range-or-operator` of ietf-packet-fields. */
const PORT = object({
  operator: { enum: ["lte", "gte", "eq", "neq"] },
  port: uint(65_535),
  "lower-port": uint(65_535),
  "upper-port": uint(65_535),
}, ["port"]);

const IP = object({
  protocol: uint(255),
  "ietf-acldns:src-dnsname": DOMAIN_NAME,
  "ietf-acldns:dst-dnsname": DOMAIN_NAME,
});

const MATCHES = {
  ...object({
    "ietf-mud:mud": object({ controller: URI, "my-controller": { type: "array" } }),
    ipv4: IP,
    ipv6: IP,
    tcp: object({
      "source-port": PORT,
      "destination-port": PORT,
      "ietf-mud:direction-initiated": { enum: ["to-device", "from-device"] },
    }),
    udp: object({ "source-port": PORT, "destination-port": PORT }),
  }),
  // A choice of the module: one of both.
  not: { required: ["ipv4", "ipv6"] },
};

const ACL = object({
  name: NAME,
  type: { enum: ["ipv4-acl-type", "ipv6-acl-type"] },
  aces: object({
    ace: list(
      object({
        name: NAME,
        matches: MATCHES,
        actions: object({ forwarding: { enum: ["accept", "drop", "reject"] } }, ["forwarding"]),
      }, ["name"]),
    ),
  }),
}, ["name"]);

const POLICY = object({
  "access-lists": object({ "access-list": list(object({ name: NAME }, ["name"])) }),
});

export const MUD_SCHEMA = object({
  "ietf-mud:mud": object({
    "mud-version": uint(255),
    "mud-url": { type: "string", pattern: "^https://\\S+$", maxLength: 255 },
    "last-update": DATE_AND_TIME,
    "mud-signature": URI,
    "cache-validity": uint(168, 1),
    "is-supported": { type: "boolean" },
    systeminfo: { type: "string", maxLength: 60 },
    "mfg-name": { type: "string" },
    "model-name": { type: "string" },
    "firmware-rev": { type: "string" },
    documentation: URI,
    extensions: list({ type: "string", minLength: 1, maxLength: 40 }),
    "from-device-policy": POLICY,
    "to-device-policy": POLICY,
  }, ["mud-version", "mud-url", "last-update", "is-supported"]),
  "ietf-access-control-list:acls": object({ acl: list(ACL) }),
}, ["ietf-mud:mud"]);
