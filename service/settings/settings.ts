/** What can be set. `setting_table.ts` says how, `read_settings.ts` reads it. */

import type { Retention } from "../../storage/archive/retention.ts";
import type { PrivacyLevel } from "../../record/privacy_level.ts";
import type { Limit } from "./limits.ts";
import type { OutputUrl } from "./output_url.ts";
import type { Secret } from "./secret.ts";
import type { IpinfoUse, ListenAddress, PlacesUpdate } from "./setting_types.ts";
import type { TellUrl } from "./tell_url.ts";

/** Everything that can be set, checked and with its defaults. Paths are absolute. */
export interface Settings {
  /** Interfaces to listen on, `any` for all; empty for the one of the default route. */
  readonly interfaces: readonly string[];
  readonly ramLogPath: string;
  /** Bytes that the RAM log may take. */
  readonly ramLimitBytes: number;
  readonly archiveDir: string;
  readonly placeCachePath: string;
  readonly controlSocketPath: string;
  readonly flushIntervalMs: number;
  /** Days that a day of the archive must be over before it is compressed; `undefined`: never. */
  readonly compressAfterDays: number | undefined;
  /** gzip's, 1 to 9. */
  readonly compressLevel: number;
  readonly retention: Retention;
  /** How much is kept of the sums of days. */
  readonly summaryRetention: Retention;
  /** The day of the month, 1 to 28, on which a month begins in reports. */
  readonly billingDay: number;
  /** How long a device, and the household at first, is learnt before what it does is news. */
  readonly learningMs: number;
  /** How much data may be used, and where devices may speak to. */
  readonly limits: readonly Limit[];
  /** Bytes a day that may be written to the card; `undefined`: as many as it takes. */
  readonly wearBudgetBytes: number | undefined;
  /** Bytes that the card is said to bear in its life. */
  readonly cardEnduranceBytes: number;
  readonly activeTimeoutMs: number;
  /** Set: for every protocol. Not set: TCP and the others have defaults of their own. */
  readonly idleTimeoutMs: number | undefined;
  /** Networks in CIDR notation that are local besides the usual ones. */
  readonly localNetworks: readonly string[];
  /** Whether what tunnels carry is counted, or the tunnels themselves. */
  readonly tunnels: "outer" | "inner";
  readonly reverseDns: boolean;
  /** How much of each flow is kept. */
  readonly privacy: PrivacyLevel;
  /** Devices and sites that are left out: MAC addresses, addresses, names. */
  readonly leaveOut: readonly string[];
  /** Where the key of devices' pseudonyms lies. */
  readonly privacyKeyPath: string;
  /** Databases of places of the user's own, the most trusted first. */
  readonly geoDbPaths: readonly string[];
  /** Where databases that are fetched lie. */
  readonly placesDir: string;
  /** What of DB-IP is fetched. */
  readonly placesUpdate: PlacesUpdate;
  /** What the token of ipinfo.io is used for. */
  readonly ipinfoUse: IpinfoUse;
  /** For ipinfo.io, which is not asked without it. */
  readonly ipinfoToken: Secret | undefined;
  /** Addresses that ipinfo.io may be asked for in a month. */
  readonly ipinfoBudget: number;
  /** Where the forwarder sends records. */
  readonly forward: readonly OutputUrl[];
  /** `observer.name` in what is sent; `undefined`: the machine's host name. */
  readonly site: string | undefined;
  /** What an output that is new is sent: everything, what comes from now on, or from a day on, `YYYY-MM-DD`. */
  readonly forwardSince: string;
  /** Where the forwarder keeps in RAM how far it has come. */
  readonly forwardDir: string;
  readonly metricsListen: ListenAddress | undefined;
  readonly metricsToken: Secret | undefined;
  /** Who is told what is new. */
  readonly tell: readonly TellUrl[];
  /** Signs what is posted to a webhook. */
  readonly tellSecret: Secret | undefined;
  /** How often a letter tells of the rest. */
  readonly tellDigest: "daily" | "weekly" | "off";
  /** Where the pages are served. */
  readonly webListen: ListenAddress;
  /** A unix socket on which they are served instead, for systemd-socket-proxyd. */
  readonly webSocketPath: string | undefined;
  /** Names by which browsers reach them, besides the machine's own. */
  readonly webHosts: readonly string[];
  /** Certificate and key of the pages, PEM files. */
  readonly webTlsCertPath: string | undefined;
  readonly webTlsKeyPath: string | undefined;
  /** Who may see them. */
  readonly webFilePath: string;
  /** Another server that answers like ipinfo.io. */
  readonly ipinfoUrl: string | undefined;
  /** Another server that has DB-IP's files. */
  readonly dbipUrl: string | undefined;
}
