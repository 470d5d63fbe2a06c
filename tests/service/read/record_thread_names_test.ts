/** The records of a capture that holds names, made by a thread and without one. */

import { assertEquals } from "../../assert.ts";
import { a, answerFrame } from "../../capture/dns/dns_message.ts";
import { ethernet, type Frame } from "../../capture/frame_builder.ts";
import { pcapFile } from "../../capture/pcap_records.ts";
import { cryptoFrame, initialPacket } from "../../capture/quic/build_quic.ts";
import { lacksLibpcap } from "../../capture/source/lacks_libpcap.ts";
import { clientHello, echExtension, tlsRecords } from "../../capture/tls/build_client_hello.ts";
import { parseRecord } from "../../record_schema.ts";
import { testWhen } from "../../skip.ts";
import type { FlowRecord } from "../../../record/log_record.ts";
import { CaptureReader } from "../../../service/read/capture_reader.ts";
import { RecordLines } from "../../../service/read/record_lines.ts";
import type { RecordSink } from "../../../service/read/record_sink.ts";
import { RecordThread } from "../../../service/read/record_thread.ts";

const CLIENT = "192.168.1.20";
const WORKER = new URL("./record_lines_worker.ts", import.meta.url);

function to(destination: string): Frame {
  return ethernet().ipv4({ source: CLIENT, destination });
}

function sent(payload: Uint8Array | string, destination: string): Frame {
  return to(destination).tcp({ flags: "PA", sequence: 100 }).payload(payload);
}

/** A flow for each kind of name: DNS, TLS, TLS whose name is an outer one, QUIC, HTTP; and one without. */
function namedFrames(): Frame[] {
  const outer = clientHello({
    serverName: "cloudflare-ech.com",
    extensions: [echExtension(1)],
  });
  const quic = initialPacket({
    frames: cryptoFrame(0, clientHello({ serverName: "quic.example" })),
  });
  return [
    answerFrame({
      client: CLIENT,
      queriedName: "dns.example",
      answers: [a("dns.example", "9.9.9.1")],
    }),
    to("9.9.9.1").udp({ sourcePort: 5000, destinationPort: 9 }),
    sent(tlsRecords(clientHello({ serverName: "tls.example" })), "9.9.9.2"),
    sent(tlsRecords(outer), "9.9.9.3"),
    to("9.9.9.4").udp().payload(quic),
    sent("GET / HTTP/1.1\r\nHost: http.example\r\n\r\n", "9.9.9.5"),
    to("9.9.9.6").udp({ sourcePort: 5000, destinationPort: 9 }),
  ];
}

async function readInto(records: RecordSink, path: string): Promise<void> {
  await new CaptureReader({ localNetworks: [], includeInternal: false, records }).read(path);
}

/** Flow ids hold a time and a serial number of the flow, both the packets' own, so that lines can be compared whole. */
testWhen(
  lacksLibpcap(),
  "a thread's records have all the names of those made without it",
  async () => {
    using file = pcapFile(namedFrames().map((frame) => ({ frame })));
    const here: string[] = [];
    await readInto(
      await RecordLines.open({ geoDbPaths: [], onLines: (lines) => here.push(...lines) }),
      file.path,
    );
    const output = await Deno.makeTempFile({ prefix: "wifilogger_" });
    using thread = new RecordThread(WORKER, output);
    await readInto(thread, file.path);
    assertEquals(await Deno.readTextFile(output), here.join(""));
    await Deno.remove(output);

    const named = here.map((line) => parseRecord(line) as FlowRecord)
      .filter(({ destination }) => destination.ip.startsWith("9.9.9."))
      .map(({ destination, wifilogger }) => [destination.domain, wifilogger.name_source]);
    assertEquals(named, [
      ["dns.example", "dns"],
      ["tls.example", "tls_sni"],
      ["cloudflare-ech.com", "tls_sni"],
      ["quic.example", "quic_sni"],
      ["http.example", "http_host"],
      ["unknown", "none"],
    ]);
    assertEquals(here.filter((line) => line.includes('"ech":true')).length, 1);
  },
);
