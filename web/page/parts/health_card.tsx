/** Whether the log is whole, what this machine can see, and what would be lost now. */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Gap, StatusAnswer } from "../../api/answers.ts";
import { change } from "../reach/api.ts";
import { nowMs } from "../reach/clock.ts";
import { useTimes } from "../reach/times.ts";
import { useAnswer } from "../reach/use_answer.ts";
import { bytesText, countOf, percentText } from "../text/figures.ts";
import { agoText, durationText } from "../text/time.ts";
import { Card } from "./card.tsx";
import { gapTexts } from "./notes.tsx";

type Logger = Extract<NonNullable<StatusAnswer["logger"]>, { log: unknown }>;

const EVERY_MS = 30_000;

export interface HealthCardProps {
  /** Of the period that is shown. */
  readonly gaps?: readonly Gap[];
  /** Whether this is the page that more of it stands on. */
  readonly isWhole?: boolean;
}

export function HealthCard({ gaps, isWhole = false }: HealthCardProps) {
  const { answer, again, problem } = useAnswer<StatusAnswer>("status", { everyMs: EVERY_MS });
  const logger = answer?.logger !== undefined && "log" in answer.logger ? answer.logger : undefined;
  return (
    <Card
      title="Health"
      class="health"
      more={isWhole ? undefined : { href: "/settings", label: "Doctor and settings" }}
    >
      {problem !== undefined && <p role="alert" class="problem">{problem}</p>}
      <dl class="facts">
        <Fact
          name="Logger"
          level={answer === undefined ? undefined : answer.state === "running" ? "ok" : "bad"}
        >
          {answer === undefined
            ? "–"
            : logger === undefined
            ? answer.why ?? answer.state
            : `running for ${durationText(nowMs() - Date.parse(logger.started))}`}
        </Fact>
        <Fact
          name="What it can see"
          level={answer?.vantage && (answer.vantage === "network" ? "ok" : "warn")}
        >
          {answer?.sees ?? "–"}
        </Fact>
        {!isWhole && (
          <Fact name="Gaps in this period" level={gaps && (gaps.length === 0 ? "ok" : "warn")}>
            {gaps === undefined ? "–" : gaps.length === 0 ? "none" : gapTexts(gaps).join("; ")}
          </Fact>
        )}
        {logger !== undefined && <LoggerFacts logger={logger} again={again} />}
      </dl>
    </Card>
  );
}

function LoggerFacts({ logger, again }: { logger: Logger; again: () => void }) {
  const times = useTimes();
  const { log, interfaces, card } = logger;
  const received = sum(interfaces.map(({ statistics }) => statistics.received));
  const dropped = sum(
    interfaces.map(({ statistics }) => statistics.droppedByKernel + statistics.droppedByInterface),
  );
  return (
    <>
      <Fact name="Packets dropped" level={dropped === 0 ? "ok" : "warn"}>
        {dropped === 0 ? "none" : `${countOf(dropped, "packet")}, ` +
          percentText(dropped / Math.max(1, received + dropped))} of {countOf(received, "packet")}
        {" "}
        on {interfaces.map(({ name }) => name).join(", ")}
      </Fact>
      <Fact name="Lost if the power went now" level={log.droppedRecords > 0 ? "bad" : undefined}>
        {log.unsaved.records === 0
          ? "nothing"
          : `${countOf(log.unsaved.records, "record")} since ${
            times.time(Date.parse(log.unsaved.since))
          }`}
      </Fact>
      <Fact name="Next flush">
        in {durationText(log.nextFlushInMs)}
        {log.lastFlush !== undefined &&
          `, the last ${agoText(nowMs() - Date.parse(log.lastFlush.at))}`}
        <Flush isNeeded={log.unsaved.records > 0} again={again} />
      </Fact>
      <Fact name="RAM log" level={log.ramBytes > log.ramLimitBytes * 0.9 ? "warn" : undefined}>
        {bytesText(log.ramBytes)} of {bytesText(log.ramLimitBytes)}
      </Fact>
      {log.archiveRoom !== undefined && (
        <Fact
          name="Card"
          level={log.archiveRoom.freeBytes < log.archiveRoom.totalBytes * 0.05 ? "warn" : undefined}
        >
          {bytesText(log.archiveRoom.freeBytes)} free
          {card.yearlyShare !== undefined &&
            `, a year of logging costs ${percentText(card.yearlyShare)} of its life`}
        </Fact>
      )}
    </>
  );
}

/** What a flush has written is said when there is nothing to be flushed any more, too. */
function Flush({ isNeeded, again }: { isNeeded: boolean; again: () => void }) {
  const [said, setSaid] = useState<string>();
  const flush = async () => {
    setSaid("writing…");
    try {
      const { records } = await change<{ records: number }>("flush");
      setSaid(`${countOf(records, "record")} written`);
      again();
    } catch (error) {
      setSaid((error as Error).message);
    }
  };
  return (
    <>
      {" "}
      {isNeeded && <button type="button" class="small" onClick={flush}>Flush now</button>}{" "}
      <span role="status">{said}</span>
    </>
  );
}

/** How something is, by a sign and a word for whoever does not see it. */
const SIGNS = { ok: ["✓", "fine"], warn: ["!", "mind"], bad: ["✕", "wrong"] } as const;
export type Level = keyof typeof SIGNS;

export function Sign({ level }: { readonly level: Level }) {
  const [sign, word] = SIGNS[level];
  return (
    <span class={`sign ${level}`}>
      <span aria-hidden="true">{sign}</span>
      <span class="unseen">{word}</span>
    </span>
  );
}

interface FactProps {
  readonly name: string;
  readonly level?: Level;
  readonly children?: ComponentChildren;
}

function Fact({ name, level, children }: FactProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {level !== undefined && <Sign level={level} />}
        <span>{children}</span>
      </dd>
    </div>
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
