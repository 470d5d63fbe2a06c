/** How the logger is set and whether all is well; to be read only. */

import { useEffect } from "preact/hooks";
import type { ConfigAnswer, DoctorAnswer, FindingRow } from "../../api/answers.ts";
import { Card } from "../parts/card.tsx";
import { HealthCard, Sign } from "../parts/health_card.tsx";
import { useAnswer } from "../reach/use_answer.ts";

const LEVELS = ["bad", "warn", "ok"] as const;

function worstFirst(a: FindingRow, b: FindingRow): number {
  return LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level);
}

export function SettingsView() {
  const doctor = useAnswer<DoctorAnswer>("doctor");
  const config = useAnswer<ConfigAnswer>("config");
  const isBusy = [doctor, config].some(({ answer, problem }) =>
    answer === undefined && problem === undefined
  );
  useEffect(() => {
    document.title = "Settings · wifilogger";
  }, []);
  if (isBusy) {
    return (
      <div class="page-head" aria-busy="true">
        <h1>Settings and doctor</h1>
      </div>
    );
  }
  return (
    <>
      <div class="page-head">
        <div class="page-title">
          <h1>Settings and doctor</h1>
        </div>
        <p class="dim">As it is now; changed in {config.answer?.env_file ?? "a file"} only</p>
      </div>
      <Card title="Doctor">
        {doctor.problem !== undefined && <p class="problem" role="alert">{doctor.problem}</p>}
        {doctor.answer === undefined
          ? <div class="list-room" aria-busy={doctor.problem === undefined} />
          : (
            <ul class="findings">
              {[...doctor.answer.findings].sort(worstFirst).map(({ level, what, why, command }) => (
                <li key={what}>
                  <Sign level={level} />
                  <strong>{what}</strong>
                  <p>
                    {why}
                    {command !== undefined && <code>{command}</code>}
                  </p>
                </li>
              ))}
            </ul>
          )}
      </Card>
      <Card title="Settings">
        {config.problem !== undefined && <p class="problem" role="alert">{config.problem}</p>}
        {config.answer === undefined
          ? <div class="list-room" aria-busy={config.problem === undefined} />
          : (
            <table class="wide-table stacked settings">
              <thead>
                <tr>
                  <th scope="col" class="text">Setting</th>
                  <th scope="col" class="text">Value</th>
                  <th scope="col" class="text less">From</th>
                </tr>
              </thead>
              <tbody>
                {config.answer.settings.map(({ name, value, from, problem }) => (
                  <tr key={name}>
                    <th scope="row" class="text">
                      <code>{name}</code>
                    </th>
                    <td class="text">
                      {value === null ? <span class="dim">not set</span> : <code>{value}</code>}
                      {problem !== undefined && <span class="problem">{problem}</span>}
                    </td>
                    <td class="text less dim">{from}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        {config.answer?.unknown.map(({ name, from, closest }) => (
          <p key={name} class="problem">
            {name} ({from}) is no setting. Did you mean {closest}?
          </p>
        ))}
      </Card>
      {/* Last: it grows when the logger answers, and pushes nothing. */}
      <HealthCard isWhole />
    </>
  );
}
