/** What a device has met, the newest first. */

import { useState } from "preact/hooks";
import type { DeviceAnswer } from "../../api/answers.ts";
import { addressText } from "../question/address.ts";
import { useTimes } from "../reach/times.ts";
import { bytesText, countText } from "../text/figures.ts";
import { evidenceText, kindText } from "../text/words.ts";
import { Card } from "./card.tsx";
import { KnownButton } from "./known_button.tsx";

export interface FirstsCardProps {
  readonly device?: DeviceAnswer;
  readonly mayChange: boolean;
  readonly again: () => void;
}

/** Until more are wanted. */
const SHOWN = 10;

export function FirstsCard({ device, mayChange, again }: FirstsCardProps) {
  const times = useTimes();
  const [most, setMost] = useState(SHOWN);
  const firsts = device?.firsts ?? [];
  return (
    <Card title="Met for the first time" class="firsts">
      <div class="scroll" tabIndex={0} role="region" aria-label="Met for the first time, a table">
        <table class="wide-table stacked">
          <thead>
            <tr>
              <th scope="col" class="text">When</th>
              <th scope="col" class="text">What</th>
              <th scope="col" class="text less">Kind</th>
              <th scope="col" class="text less">Known by</th>
              <th scope="col">Bytes</th>
              {mayChange && <th scope="col" class="text">Known</th>}
            </tr>
          </thead>
          <tbody>
            {device !== undefined &&
              firsts.slice(0, most).map((first) => (
                <tr key={`${first.kind} ${first.what}`}>
                  <td class="text c-when">{times.moment(Date.parse(first.first))}</td>
                  <th scope="row" class="text">
                    {first.label}
                    <span class="under more-only">{kindText(first.kind)}</span>
                  </th>
                  <td class="text less">{kindText(first.kind)}</td>
                  <td class="text less">{evidenceText(first.evidence)}</td>
                  <td class="c-bytes">
                    <a
                      href={addressText({
                        view: "log",
                        question: { since: first.first, ...filterOf(first, device.query) },
                      })}
                    >
                      {bytesText(first.bytes)}
                    </a>
                  </td>
                  {mayChange && (
                    <td class="text c-known">
                      <KnownButton
                        mark={first.mark}
                        what={first.label}
                        isKnown={first.known}
                        onChanged={again}
                      />
                    </td>
                  )}
                </tr>
              ))}
          </tbody>
        </table>
      </div>
      {device?.firsts.length === 0 && <p class="empty">Nothing yet.</p>}
      {firsts.length > most && (
        <button
          type="button"
          class="quiet"
          onClick={() => setMost(firsts.length)}
        >
          Show {countText(firsts.length - most)} more
        </button>
      )}
      {device !== undefined && device.more > 0 && (
        <p class="rest">and {countText(device.more)} that came earlier</p>
      )}
    </Card>
  );
}

function filterOf({ kind, what }: DeviceAnswer["firsts"][number], device: string) {
  if (kind !== "service") return { device, [kind]: what };
  const [port, protocol] = what.replace(/ .*$/, "").split("/");
  return {
    device,
    ...(/^\d+$/.test(port) && { port }),
    ...(protocol !== undefined && { protocol }),
  };
}
