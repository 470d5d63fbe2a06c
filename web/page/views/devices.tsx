/** Every device of the household. */

import type { DevicesAnswer } from "../../api/answers.ts";
import { addressText } from "../question/address.ts";
import { useEffect } from "preact/hooks";
import { nowMs } from "../reach/clock.ts";
import { useTimes } from "../reach/times.ts";
import { useAnswer } from "../reach/use_answer.ts";
import { bytesText } from "../text/figures.ts";
import { agoText } from "../text/time.ts";

export function DevicesView() {
  const times = useTimes();
  const { answer, problem } = useAnswer<DevicesAnswer>("devices");
  useEffect(() => {
    document.title = "Devices · wifilogger";
  }, []);
  return (
    <>
      <div class="page-head">
        <div class="page-title">
          <h1>Devices</h1>
        </div>
        <p class="dim">Since the log began</p>
      </div>
      {problem !== undefined && <p class="problem" role="alert">{problem}</p>}
      <section class="card" aria-label="Devices">
        {answer === undefined
          ? <div class="list-room" aria-busy={problem === undefined} />
          : (
            <div class="scroll" tabIndex={0} role="region" aria-label="Devices, a table">
              <table class="wide-table devices">
                <thead>
                  <tr>
                    <th scope="col" class="text">Device</th>
                    <th scope="col" class="text less">Maker</th>
                    <th scope="col" class="text less">Addresses</th>
                    <th scope="col" class="text less">First seen</th>
                    <th scope="col" class="text">Last seen</th>
                    <th scope="col">Bytes</th>
                  </tr>
                </thead>
                <tbody>
                  {answer.devices.map((one) => (
                    <tr key={one.id}>
                      <th scope="row" class="text">
                        <a href={addressText({ view: "device", subject: one.query })}>
                          {one.device}
                        </a>
                        <span class="under more-only">{one.maker}</span>
                      </th>
                      <td class="text less">
                        {one.maker ?? (one.random_mac ? "random MAC address" : "")}
                      </td>
                      <td class="text less">
                        <code>{one.ips.find((ip) => ip.includes(".")) ?? one.ips[0]}</code>
                        <code class="under">{one.macs.at(-1)}</code>
                      </td>
                      <td class="text less">{times.day(Date.parse(one.first))}</td>
                      <td class="text" title={times.moment(Date.parse(one.last))}>
                        {agoText(nowMs() - Date.parse(one.last))}
                      </td>
                      <td>
                        <a href={addressText({ view: "log", question: { device: one.query } })}>
                          {bytesText(one.bytes)}
                        </a>
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
        {answer?.devices.length === 0 && <p class="empty">No device has been seen.</p>}
      </section>
    </>
  );
}
