/** One device: where it goes, when, what it met for the first time, what it does regularly. */

import { useRef, useState } from "preact/hooks";
import type { DeviceAnswer, OverviewAnswer } from "../../api/answers.ts";
import { BarTable } from "../parts/bar_table.tsx";
import { Card } from "../parts/card.tsx";
import { FirstsCard } from "../parts/firsts_card.tsx";
import { NotesList } from "../parts/notes.tsx";
import { PageHead } from "../parts/page_head.tsx";
import { ProfileCard } from "../parts/profile_card.tsx";
import { Totals } from "../parts/totals.tsx";
import { splitOf, TrafficCard } from "../parts/traffic_card.tsx";
import { WeekCard } from "../parts/week_card.tsx";
import {
  addressText,
  type Filter,
  periodOf,
  queryText,
  recordsQuestion,
} from "../question/address.ts";
import { linesQuestion } from "../question/period.ts";
import { change } from "../reach/api.ts";
import { useTimes } from "../reach/times.ts";
import { forgetAnswers, useAnswer } from "../reach/use_answer.ts";
import { portText } from "../text/words.ts";
import type { ViewProps } from "./view_props.ts";

const ROWS = 10;

export function DeviceView({ address, session }: ViewProps) {
  const { subject, question } = address;
  const path = `devices/${encodeURIComponent(subject)}`;
  const device = useAnswer<DeviceAnswer>(`${path}?limit=50`);
  const asked = { ...recordsQuestion(question), device: device.answer?.query ?? subject };
  const period = periodOf(question);
  const split = splitOf(question, "site");
  const parts = "parts=timeline,week,site,country,owner,port";
  const { answer, isLoading, problem } = useAnswer<OverviewAnswer>(
    device.answer === undefined && device.problem === undefined
      ? undefined
      : `overview?${queryText(asked)}&${parts}&series=${split}&top=7&limit=${ROWS}`,
  );
  const behind = linesQuestion(asked, answer);
  const part = (word: Filter, title: string, head: string) => (
    <Card title={title}>
      <BarTable
        caption={title}
        head={head}
        part={answer?.parts[word]}
        most={ROWS}
        labelOf={word === "port" ? ({ label }) => portText(Number(label)) : undefined}
        totalBytes={answer?.total.bytes ?? 0}
        hrefOf={(row) =>
          word === "site"
            ? addressText({ view: "site", subject: String(row.site), question: period })
            : undefined}
        linesOf={(row) =>
          addressText({ view: "log", question: { ...behind, [word]: String(row[word]) } })}
      />
    </Card>
  );
  return (
    <>
      <PageHead
        kind="Device"
        title={device.answer?.device ?? subject}
        address={address}
        period={answer}
        isLoading={isLoading || device.isLoading}
      >
        {session.may_change && <Rename path={path} device={device.answer} again={device.again} />}
      </PageHead>
      {[device.problem, problem].map((text) =>
        text !== undefined && <p key={text} class="problem" role="alert">{text}</p>
      )}
      <Identity device={device.answer} />
      <Totals answer={answer} linesHref={addressText({ view: "log", question: behind })} />
      <TrafficCard
        address={address}
        asked={asked}
        split={split}
        timeline={answer?.timeline}
        until={answer?.until}
      />
      <div class="columns">
        {part("site", "Its sites", "Site")}
        {part("country", "Its countries", "Country")}
        {part("port", "Its services", "Port")}
        {part("owner", "Network owners", "Owner")}
      </div>
      <WeekCard week={answer?.week} />
      <FirstsCard device={device.answer} mayChange={session.may_change} again={device.again} />
      <ProfileCard path={path} since={question.since ?? "7d"} />
      <NotesList notes={answer?.notes} gaps={answer?.gaps} />
    </>
  );
}

function Identity({ device }: { device?: DeviceAnswer }) {
  const times = useTimes();
  const when = (text: string | undefined) => text && times.moment(Date.parse(text));
  const maker = device?.maker ?? (device?.random_mac ? "unknown: a random MAC address" : undefined);
  const facts: [string, string | undefined][] = [
    ["Maker", maker],
    ["Calls itself", device?.names.join(", ")],
    ["MAC address", device?.macs.join(" ")],
    ["IP addresses", device?.ips.join(" ")],
    ["First seen", when(device?.first)],
    ["Last seen", when(device?.last)],
  ];
  return (
    <dl class="identity">
      {facts.map(([name, text]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{text || "–"}</dd>
        </div>
      ))}
    </dl>
  );
}

interface RenameProps {
  readonly path: string;
  /** Before it is known, nothing can be renamed. */
  readonly device?: DeviceAnswer;
  readonly again: () => void;
}

function Rename({ path, device, again }: RenameProps) {
  const [isOpen, setIsOpen] = useState(false);
  const [problem, setProblem] = useState<string>();
  const field = useRef<HTMLInputElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const close = () => {
    setIsOpen(false);
    setProblem(undefined);
    requestAnimationFrame(() => opener.current?.focus());
  };
  const rename = async (event: Event) => {
    event.preventDefault();
    const name = field.current!.value.trim();
    try {
      await change(`${path}/rename`, { name: name === "" ? null : name });
      forgetAnswers();
      again();
      close();
    } catch (error) {
      setProblem((error as Error).message);
    }
  };
  if (!isOpen) {
    return (
      <button
        type="button"
        class="quiet"
        ref={opener}
        disabled={device === undefined}
        onClick={() => {
          setIsOpen(true);
          requestAnimationFrame(() => field.current?.select());
        }}
      >
        Rename
      </button>
    );
  }
  return (
    <form
      class="rename"
      onSubmit={rename}
      onKeyDown={({ key }) => key === "Escape" && close()}
    >
      <label class="unseen" for="own-name">Name of your own; empty for none</label>
      <input
        id="own-name"
        ref={field}
        maxLength={64}
        defaultValue={device?.own_name ?? ""}
        placeholder={device?.names[0] ?? "kitchen plug"}
        aria-describedby="rename-problem"
      />
      <button type="submit">Save</button>
      <button type="button" class="quiet" onClick={close}>Cancel</button>
      <span id="rename-problem" role="alert">{problem}</span>
    </form>
  );
}
