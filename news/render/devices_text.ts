/** The devices for people and programs. */

import { csvText } from "../../record/csv_text.ts";
import { escapeText } from "../../record/escape_text.ts";
import { formatBytes } from "../../report/render/bytes_text.ts";
import { localDay } from "../../storage/day/calendar_day.ts";
import { QUARTER_MS } from "../ledger/quarter.ts";
import type { Device } from "../rules/household_devices.ts";
import { type Column, type TableLook, textTable } from "./text_table.ts";

/** The maker of a device by its MAC address, where that tells it. */
export type MakerOf = (mac: string) => string | undefined;

/** A terminal that has room for MAC addresses. */
const WIDE = 100;

/** The field names that programs rely on. */
export function deviceFields(device: Device, makerOf: MakerOf) {
  const { ownName, hostNames, macs, ips, upBytes, downBytes } = device;
  return {
    device: device.label,
    own_name: ownName,
    names: hostNames,
    maker: macs.map(makerOf).find((maker) => maker !== undefined),
    macs,
    random_mac: device.isRandomMac,
    ips,
    first: new Date(device.first * QUARTER_MS).toISOString(),
    last: new Date(device.last * QUARTER_MS).toISOString(),
    bytes: upBytes + downBytes,
    up_bytes: upBytes,
    down_bytes: downBytes,
    flows: device.flows,
  };
}

export function devicesTable(
  devices: readonly Device[],
  makerOf: MakerOf,
  look: TableLook,
): string {
  if (devices.length === 0) return "No device has been seen.\n";
  const isWide = look.width >= WIDE;
  const columns: Column[] = [
    { head: "device" },
    { head: "maker" },
    ...(isWide ? [{ head: "MAC", isWhole: true }] : []),
    { head: "address", isWhole: true },
    { head: "first seen", isWhole: true },
    { head: "last seen", isWhole: true },
    { head: "bytes", align: "right", isWhole: true },
  ];
  const rows = devices.map((device) => {
    const { label, macs, ips, first, last, upBytes, downBytes } = device;
    const random = macs.length > 1 ? `${macs.length} random MACs` : "random MAC";
    const maker = macs.map(makerOf).find((one) => one !== undefined);
    return {
      cells: [
        label,
        maker ?? (device.isRandomMac ? random : ""),
        ...(isWide ? [macs.at(-1) ?? ""] : []),
        // An IPv6 address is long, and seldom the one that people know.
        ips.find((ip) => ip.includes(".")) ?? ips[0] ?? "",
        localDay(first * QUARTER_MS),
        localDay(last * QUARTER_MS),
        formatBytes(upBytes + downBytes),
      ],
    };
  });
  return textTable(columns, rows, look) + "\n";
}

/** One object a line. */
export function devicesJson(devices: readonly Device[], makerOf: MakerOf): string {
  return devices.map((device) => JSON.stringify(deviceFields(device, makerOf)) + "\n").join("");
}

export function devicesCsv(devices: readonly Device[], makerOf: MakerOf): string {
  const rows = devices.map((device) => deviceFields(device, makerOf));
  const columns = Object.keys(
    rows[0] ??
      deviceFields({ macs: [], hostNames: [], ips: [], first: 0, last: 0 } as never, makerOf),
  ) as (keyof ReturnType<typeof deviceFields>)[];
  return csvText([
    columns,
    ...rows.map((row) =>
      columns.map((column) => {
        const value = row[column];
        if (Array.isArray(value)) return escapeText(value.join(" "));
        return typeof value === "string" ? escapeText(value) : value;
      })
    ),
  ]);
}
