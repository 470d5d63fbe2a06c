/** The only file that opens libraries: libpcap and the C library, on demand, once a process. */

import { CaptureError } from "./capture_error.ts";
import { LIBC_SYMBOLS, LIBPCAP_SYMBOLS } from "./native_symbols.ts";

type Libc = Deno.DynamicLibrary<typeof LIBC_SYMBOLS>["symbols"];

/** libpcap's functions, the C library's, and what cannot be called but only handed on. */
export interface Libpcap {
  readonly pcap: Deno.DynamicLibrary<typeof LIBPCAP_SYMBOLS>["symbols"];
  readonly libc: Libc;
  /** Address of libpcap's `pcap_dump`. */
  readonly pcapDump: Deno.PointerObject;
}

const RTLD_NOW = 2;

let libc: Libc | undefined;
let libpcap: Libpcap | undefined;

/** The C library of the system (glibc). */
export function loadLibc(): Libc {
  return libc ??= Deno.dlopen("libc.so.6", LIBC_SYMBOLS).symbols;
}

/** @throws {CaptureError} `library_missing` */
export function loadLibpcap(): Libpcap {
  return libpcap ??= openLibpcap();
}

function openLibpcap(): Libpcap {
  const libc = loadLibc();
  let why = "it is not installed";
  for (const name of ["libpcap.so.0.8", "libpcap.so.1", "libpcap.so"]) {
    try {
      const pcap = Deno.dlopen(name, LIBPCAP_SYMBOLS).symbols;
      const handle = libc.dlopen(cString(name), RTLD_NOW);
      const pcapDump = libc.dlsym(handle, cString("pcap_dump"));
      if (pcapDump === null) throw new Error(`${name}: undefined symbol: pcap_dump`);
      return { pcap, libc, pcapDump };
    } catch (error) {
      const { message } = error as Error;
      if (message.includes("No such file or directory")) continue;
      why = whyUnusable(name, message);
      break;
    }
  }
  throw new CaptureError(
    "library_missing",
    `cannot load libpcap: ${why}. Install it: sudo apt install libpcap0.8`,
  );
}

/** What is wrong with a libpcap that is there. `message`: the dynamic loader's, behind Deno's own words. */
function whyUnusable(name: string, message: string): string {
  const [, path, symbol] = /(\S+): undefined symbol: (\w+)/.exec(message) ?? [];
  if (symbol === undefined) return message.replace(/^(Could not open library: )*/, "");
  return `${path} is ${
    versionOf(name) ?? "no libpcap"
  }, which has no ${symbol}; it takes 1.9 or later`;
}

function versionOf(name: string): string | undefined {
  try {
    const { symbols } = Deno.dlopen(name, {
      pcap_lib_version: { parameters: [], result: "pointer" },
    });
    const text = symbols.pcap_lib_version();
    return text === null ? undefined : Deno.UnsafePointerView.getCString(text);
  } catch {
    return undefined;
  }
}

/** A text as C wants it: UTF-8, closed by a zero byte. */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${text}\0`);
}
