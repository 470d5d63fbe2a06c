/** How large the rings are that the kernel shares with this process: libpcap takes a smaller one where memory lacks, and says nothing. */

import { readSystemFile } from "../../system/system_file.ts";

/** Bytes of all packet rings that are mapped; 0 where that cannot be read. */
export function mappedRingBytes(maps = readSystemFile("/proc/self/maps")): number {
  // "7f4f8e106000-7f4f8e906000 rw-s 00000000 00:09 3521187   socket:[3521187]"
  const rings = maps?.matchAll(/^([0-9a-f]+)-([0-9a-f]+) .* socket:\[/gm) ?? [];
  let bytes = 0;
  for (const [, from, to] of rings) bytes += parseInt(to, 16) - parseInt(from, 16);
  return bytes;
}
