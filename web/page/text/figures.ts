/** Figures as people read them, in the manner of `wifilogger report`. */

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

/** `1.34 kB`: decimal units, three digits. */
export function bytesText(bytes: number): string {
  let unit = 0;
  let size = bytes;
  while (size >= 999.5 && unit < UNITS.length - 1) {
    size /= 1000;
    unit++;
  }
  if (unit === 0) return `${Math.round(size)} B`;
  const digits = size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
  return `${size.toFixed(digits)} ${UNITS[unit]}`;
}

/** The same beside an axis, without needless digits: `2 GB`. */
export function axisBytesText(bytes: number): string {
  return bytesText(bytes).replace(/\.0+(?= )|(\.\d*?)0+(?= )/, "$1");
}

/** `1.2 MB/s` */
export function rateText(bytesPerSecond: number): string {
  return `${bytesText(bytesPerSecond)}/s`;
}

/** Whole numbers in groups: `12,345`. */
export function countText(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `1 flow`, `12,345 flows` */
export function countOf(value: number, one: string, many = `${one}s`): string {
  return `${countText(value)} ${value === 1 ? one : many}`;
}

/** A share from 0 to 1: `49 %`, `0.3 %`, `<0.1 %`. */
export function percentText(share: number): string {
  const percent = share * 100;
  if (percent === 0) return "0 %";
  if (percent < 0.1) return "<0.1 %";
  return percent < 9.95 ? `${percent.toFixed(1)} %` : `${Math.round(percent)} %`;
}

/** `+12 %`, `−3 %`, `× 14`, `new` where there was nothing before, `=` where nothing has changed. */
export function changeText(bytes: number, before: number): string {
  if (before === 0) return bytes === 0 ? "=" : "new";
  const ratio = bytes / before;
  if (ratio >= 10) return `× ${Math.round(ratio)}`;
  const percent = Math.round((ratio - 1) * 100);
  if (percent === 0) return "=";
  return percent > 0 ? `+${percent} %` : `−${-percent} %`;
}
