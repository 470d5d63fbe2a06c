/** What libpcap and tshark count in the captures: sums that share nothing with the program's. */

import { mergedCaptures } from "../merged_captures.ts";
import { tsharkFields } from "../capture/tshark.ts";

const IP = "(ip or ip6)";
/** IP behind each kind of link header; on links without EtherTypes libpcap knows only the first. */
const ETHERNET_FILTERS = [IP, `vlan and ${IP}`, `vlan and vlan and ${IP}`, `pppoes and ${IP}`];

/** The packets of a capture that libpcap's filter takes for IP, on plain, VLAN-tagged and PPPoE frames. */
export async function libpcapPackets(path: string): Promise<number> {
  const { stderr } = await tcpdump(["-r", path, "-c", "1", "-nn"]);
  const filters = stderr.includes("EN10MB") ? ETHERNET_FILTERS : [IP];
  let packets = 0;
  for (const filter of filters) {
    const { stdout } = await tcpdump(["-r", path, "--count", filter]);
    packets += Number(/^(\d+) packets?$/m.exec(stdout)?.[1]);
  }
  return packets;
}

async function tcpdump(args: string[]) {
  const { stdout, stderr } = await new Deno.Command("tcpdump", { args, stdin: "null" }).output();
  const decoder = new TextDecoder();
  return { stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** What a frame's protocols begin with when IP comes right behind a link header that libpcap knows the inside of. */
const IP_BEHIND_LINK =
  /^(?:eth:ethertype|sll:ethertype|null|raw)(?::vlan:ethertype)*(?::pppoes:ppp)?:(ip|ipv6)\b/;

/**
 * The bytes that the outermost IP header of each frame states, by tshark; 0 for a frame without one. The frames of all
 * captures are read in one go, in the order of their paths: tshark takes half a second to start.
 */
export async function tsharkFrameBytes(paths: readonly string[]): Promise<number[]> {
  using merged = mergedCaptures(paths);
  const rows = await tsharkFields(merged.path, {
    fields: ["frame.protocols", "ip.len", "ipv6.plen"],
    // Each frame for itself; a length of 0 it takes for segmentation offload, as the program does.
    args: [
      ...["-o", "ip.defragment:FALSE", "-o", "ipv6.defragment:FALSE"],
      ...["-o", "ip.tso_support:TRUE"],
    ],
  });
  return rows.map(([protocols, ipv4Length, ipv6PayloadLength]) => {
    // Of tunnelled packets only the outermost header counts, which is the first that tshark names.
    const outermost = IP_BEHIND_LINK.exec(protocols)?.[1];
    if (outermost === "ip") return Number(ipv4Length);
    return outermost === "ipv6" ? 40 + Number(ipv6PayloadLength) : 0;
  });
}
