/** Reads what Zeek's ASCII writer writes: head lines, types, unset and empty fields, escapes. */

/** A row; unset fields are undefined, times and intervals are seconds. */
export type ZeekRow = Record<string, string | number | boolean | undefined>;

/** @throws {Error} on anything that is not as the format says */
export function parseZeekTsv(text: string): ZeekRow[] {
  const lines = text.split("\n");
  if (lines.pop() !== "") throw new Error("the last line is not closed");
  const [first, ...head] = lines.filter((line) => line.startsWith("#"));
  const separator = unescape(/^#separator (.+)$/.exec(first)![1]);
  const heads = new Map(head.map((line) => {
    const [key, ...values] = line.slice(1).split(separator);
    return [key, values];
  }));
  const [[unset], [empty], [path]] = ["unset_field", "empty_field", "path"].map((k) =>
    heads.get(k)!
  );
  if (path !== "conn") throw new Error(`this is ${path}`);
  const names = heads.get("fields")!;
  const types = heads.get("types")!;
  if (names.length !== types.length) throw new Error("fields and types differ in number");
  return lines.filter((line) => !line.startsWith("#")).map((line) => {
    const values = line.split(separator);
    if (values.length !== names.length) throw new Error(`${values.length} fields: ${line}`);
    return Object.fromEntries(values.map((value, i) => {
      return [names[i], value === unset ? undefined : valueOf(types[i], value, empty)];
    }));
  });
}

function valueOf(type: string, text: string, empty: string) {
  switch (type) {
    case "time":
    case "interval":
      if (!/^\d+\.\d{6}$/.test(text)) throw new Error(`no ${type}: ${text}`);
      return Number(text);
    case "count":
    case "port":
      if (!/^\d+$/.test(text)) throw new Error(`no ${type}: ${text}`);
      return Number(text);
    case "bool":
      if (text !== "T" && text !== "F") throw new Error(`no bool: ${text}`);
      return text === "T";
    case "string":
    case "enum":
    case "addr":
      return text === empty ? "" : unescape(text);
    default:
      throw new Error(`there is no type ${type}`);
  }
}

function unescape(text: string): string {
  const bytes = [...new TextEncoder().encode(text)];
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] !== 0x5c) continue;
    const hex = /^\\x([0-9a-f]{2})$/.exec(String.fromCharCode(...bytes.slice(i, i + 4)));
    if (hex === null) throw new Error(`no escape: ${text}`);
    bytes.splice(i, 4, parseInt(hex[1], 16));
  }
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(new Uint8Array(bytes));
}
