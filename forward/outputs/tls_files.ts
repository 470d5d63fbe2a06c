/** Whose certificates are believed, and this machine's own: files that an output's URL names. */

import type { OptionName, OutputUrl } from "../../service/settings/output_url.ts";
import { osReason } from "../../system/files/os_error.ts";
import { SendFailure } from "./output.ts";
import { certificateFault } from "./own_certificate.ts";

/** PEM texts. */
export interface TlsFiles {
  readonly caCerts?: string[];
  readonly cert?: string;
  readonly key?: string;
}

/** Reads the files that an output names. @throws {SendFailure} which one cannot be read or used, and why */
export async function readTlsFiles(
  { options }: OutputUrl,
): Promise<TlsFiles & { key: string; cert: string } | TlsFiles> {
  const read = async (name: OptionName) => {
    const path = options[name];
    if (path === undefined) return undefined;
    try {
      return await Deno.readTextFile(path);
    } catch (cause) {
      throw new SendFailure("denied", `reading ${name} ${path}: ${osReason(cause)}`, { cause });
    }
  };
  const [ca, cert, key] = [await read("tls-ca"), await read("tls-cert"), await read("tls-key")];
  if (cert !== undefined && key !== undefined) {
    const fault = await certificateFault(cert, key);
    if (fault !== undefined) throw new SendFailure("denied", fault);
  }
  return { ...(ca && { caCerts: [ca] }), ...(cert && key && { cert, key }) };
}
