/** What passes at this moment. */

import { useState } from "preact/hooks";
import type { LiveTraffic } from "../../api/answers.ts";
import { useLive } from "../reach/use_live.ts";
import { countOf, rateText } from "../text/figures.ts";

const STATES: Readonly<Record<LiveTraffic["state"], string>> = {
  running: "",
  waiting: "the logger waits",
  nobody: "no logger runs",
  refused: "the logger cannot be asked",
};

export function LiveNumbers() {
  const [traffic, setTraffic] = useState<LiveTraffic>();
  useLive("flows=0&records=off", { traffic: setTraffic });
  if (traffic !== undefined && traffic.state !== "running") {
    return (
      <a class="live off" href="/settings">
        <span class="dot" aria-hidden="true" />
        {STATES[traffic.state]}
      </a>
    );
  }
  return (
    <a
      class={traffic === undefined ? "live unknown" : "live"}
      href="/log?follow=on"
      title="What passes now: follow it in the log"
    >
      <span class="dot" aria-hidden="true" />
      <span class="unseen">Now</span>
      <span class="rate">
        <span aria-hidden="true">↓</span>
        <span class="unseen">down</span> {traffic ? rateText(traffic.down_rate) : "–"}
      </span>
      <span class="rate">
        <span aria-hidden="true">↑</span>
        <span class="unseen">up</span> {traffic ? rateText(traffic.up_rate) : "–"}
      </span>
      <span class="flows">{traffic ? countOf(traffic.flows, "flow") : "–"}</span>
    </a>
  );
}
