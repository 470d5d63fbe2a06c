/** The plans of ipinfo.io: each has its own addresses, and refuses those of the others. */

/** Where ipinfo.io answers. */
export interface IpinfoHosts {
  /** Of Lite and Core, without a slash at the end. */
  readonly api: string;
  /** Of the legacy plans. */
  readonly www: string;
}

/** ipinfo.io itself. */
export const IPINFO_HOSTS: IpinfoHosts = {
  api: "https://api.ipinfo.io",
  www: "https://ipinfo.io",
};

/** What a token was bought for. */
export type IpinfoPlan = "core" | "legacy" | "lite";

/** How a plan is asked. */
interface PlanUrls {
  /** About the address that the request comes from. */
  own(hosts: IpinfoHosts): string;
  single(hosts: IpinfoHosts, address: string): string;
  batch(hosts: IpinfoHosts): string;
}

/** The richest first, which is the order to try them in: a token opens its own plan and, of the poorer ones, Lite. */
export const IPINFO_PLANS: Readonly<Record<IpinfoPlan, PlanUrls>> = {
  core: {
    own: ({ api }) => `${api}/lookup/me`,
    single: ({ api }, address) => `${api}/lookup/${address}`,
    batch: ({ api }) => `${api}/batch`,
  },
  legacy: {
    own: ({ www }) => `${www}/json`,
    single: ({ www }, address) => `${www}/${address}/json`,
    batch: ({ www }) => `${www}/batch`,
  },
  lite: {
    own: ({ api }) => `${api}/lite/me`,
    single: ({ api }, address) => `${api}/lite/${address}`,
    batch: ({ api }) => `${api}/batch/lite`,
  },
};

/** Whether this is a plan's name. */
export function isIpinfoPlan(name: unknown): name is IpinfoPlan {
  return typeof name === "string" && Object.hasOwn(IPINFO_PLANS, name);
}
