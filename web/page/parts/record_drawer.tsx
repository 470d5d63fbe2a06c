/** A record whole, with its evidence, beside the log. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { RecordAnswer } from "../../api/answers.ts";
import { addressText } from "../question/address.ts";
import { go } from "../reach/navigation.ts";
import { useTimes } from "../reach/times.ts";
import { useAnswer } from "../reach/use_answer.ts";
import { bytesText, countOf } from "../text/figures.ts";
import { type FlowRecord, isGap, isMerged } from "../text/record_text.ts";
import { countryName } from "../text/countries.ts";
import { durationText } from "../text/time.ts";
import { endReasonText, evidenceText, gapText, portText } from "../text/words.ts";

export interface RecordDrawerProps {
  readonly id: string;
  /** Where another record is shown. */
  readonly hrefOf: (id: string) => string;
  readonly closeHref: string;
}

export function RecordDrawer({ id, hrefOf, closeHref }: RecordDrawerProps) {
  const { answer, problem } = useAnswer<RecordAnswer>(`records/${encodeURIComponent(id)}`);
  const dialog = useRef<HTMLDialogElement>(null);
  const isLeaving = useRef(false);
  useEffect(() => {
    dialog.current?.showModal();
    return () => {
      isLeaving.current = true;
    };
  }, []);
  const shown = answer?.id === id ? answer : undefined;
  return (
    <dialog
      ref={dialog}
      class="drawer"
      aria-label="A record"
      onClose={() => isLeaving.current || go(closeHref)}
      onClick={({ target }) => target === dialog.current && dialog.current?.close()}
    >
      <div class="drawer-inner">
        <div class="card-head">
          <h2>Record</h2>
          <button type="button" class="quiet" onClick={() => dialog.current?.close()}>Close</button>
        </div>
        {problem !== undefined && <p class="problem" role="alert">{problem}</p>}
        {shown !== undefined && <RecordFields answer={shown} hrefOf={hrefOf} />}
      </div>
    </dialog>
  );
}

function RecordFields(
  { answer, hrefOf }: { answer: RecordAnswer; hrefOf: (id: string) => string },
) {
  const times = useTimes();
  const { record, line, flow } = answer;
  const { start, end, duration } = record.event;
  const when = (
    <Fields title="When">
      <Field name="From">{momentOf(start)}</Field>
      <Field name="To">{momentOf(end)}</Field>
      <Field name="For">{durationText(duration / 1e6)}</Field>
      <Field name="Clock">{record.wifilogger.clock}</Field>
      <Field name="Interface">{record.observer?.ingress.interface.name}</Field>
    </Fields>
  );
  function momentOf(text: string) {
    const ms = Date.parse(text);
    return `${times.day(ms)}, ${times.seconds(ms)}`;
  }
  return (
    <>
      {isGap(record)
        ? (
          <Fields title="Gap">
            <Field name="Why">{gapText(record.wifilogger.gap.reason)}</Field>
            <Field name="How many">{record.wifilogger.gap.count}</Field>
          </Fields>
        )
        : isMerged(record)
        ? (
          <Fields title="Merged flows">
            <Field name="Flows">{record.wifilogger.merged_flows}</Field>
            <Field name="From">{record.source.ip}</Field>
            <Field name="To">{record.destination.ip ?? "several"}</Field>
            <Field name="Bytes">{bytesText(record.network.bytes)}</Field>
          </Fields>
        )
        : <FlowFields record={record} />}
      {when}
      {flow.length > 1 && (
        <section>
          <h3>The lines of its flow</h3>
          <table class="wide-table">
            <thead>
              <tr>
                <th scope="col" class="text">Written</th>
                <th scope="col">Bytes</th>
                <th scope="col" class="text">Then it</th>
              </tr>
            </thead>
            <tbody>
              {flow.map((one) => (
                <tr key={one.id} aria-current={one.id === answer.id ? "true" : undefined}>
                  <th scope="row" class="text">
                    <a href={hrefOf(one.id)}>{times.seconds(Date.parse(one.at))}</a>
                  </th>
                  <td>{bytesText(one.bytes)}</td>
                  <td class="text">{endReasonText(one.end_reason)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      <details>
        <summary>As it stands in the log</summary>
        <pre tabIndex={0}>{pretty(line)}</pre>
      </details>
    </>
  );
}

function FlowFields({ record }: { record: FlowRecord }) {
  const { source, destination, network, wifilogger, tls, url, dns, device } = record;
  const isInbound = network.direction === "inbound";
  const [local, remote] = isInbound ? [destination, source] : [source, destination];
  const { geo, as } = remote;
  const name = source.domain ?? source.ip;
  const given = (source: string) =>
    wifilogger.name_source === source ? <em class="tag">gave the name</em> : null;
  return (
    <>
      <p class="record-name">
        {destination.domain === "unknown" ? destination.ip : destination.domain}
      </p>
      <Fields title="Who">
        <Field name="Device">
          {isInbound
            ? local.ip
            : <a href={addressText({ view: "device", subject: name })}>{name}</a>}
        </Field>
        <Field name="Its address">{endText(local)}</Field>
        <Field name="Its MAC address">{source.mac}</Field>
        <Field name="Its maker">{device?.manufacturer}</Field>
        <Field name="The other end">{endText(remote)}</Field>
        <Field name="Country">
          {geo?.country_iso_code && countryName(geo.country_iso_code)}
        </Field>
        <Field name="Place">
          {[geo?.city_name, geo?.region_name].filter(Boolean).join(", ") || undefined}
        </Field>
        <Field name="Network owner">
          {as && [as.organization?.name, as.number && `AS${as.number}`].filter(Boolean).join(", ")}
        </Field>
      </Fields>
      <Fields title="What">
        <Field name="Protocol">
          {[network.protocol, network.transport, network.type].filter(Boolean).join(" over ")}
        </Field>
        <Field name="Port">{destination.port && portText(destination.port)}</Field>
        <Field name="Direction">{network.direction}</Field>
        <Field name="Sent by the device">
          {bytesText(local.bytes)}, {countOf(local.packets, "packet")}
        </Field>
        <Field name="Received by it">
          {bytesText(remote.bytes)}, {countOf(remote.packets, "packet")}
        </Field>
        <Field name="Then it">{endReasonText(wifilogger.end_reason)}</Field>
      </Fields>
      <Fields title="Evidence of the name">
        <Field name="TLS or QUIC server name">
          {tls && <>{tls.client.server_name} {given("tls_sni") ?? given("quic_sni")}</>}
        </Field>
        <Field name="HTTP host">{url && <>{url.domain} {given("http_host")}</>}</Field>
        <Field name="Asked of DNS">{dns && <>{dns.question.name} {given("dns")}</>}</Field>
        <Field name="Reverse DNS">
          {wifilogger.ptr && <>{wifilogger.ptr} {given("ptr")}</>}
        </Field>
        <Field name="Encrypted hello">
          {wifilogger.ech && "yes: the name inside was not seen"}
        </Field>
        <Field name="Known by">{evidenceText(wifilogger.name_source)}</Field>
        <Field name="Community ID">{network.community_id}</Field>
      </Fields>
    </>
  );
}

function endText({ ip, port }: { ip: string; port?: number }): string {
  if (port === undefined) return ip;
  return ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;
}

function Fields({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section>
      <h3>{title}</h3>
      <dl class="fields">{children}</dl>
    </section>
  );
}

/** Nothing where there is nothing to say. */
function Field({ name, children }: { name: string; children?: ComponentChildren }) {
  if (children === undefined || children === null || children === "" || children === false) {
    return null;
  }
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function pretty(line: string): string {
  try {
    return JSON.stringify(JSON.parse(line), undefined, 2);
  } catch {
    return line;
  }
}
