/** What a device speaks to regularly; asked for when it is opened. */

import { useState } from "preact/hooks";
import type { ProfileAnswer } from "../../api/answers.ts";
import { useAnswer } from "../reach/use_answer.ts";
import { bytesText, countOf, countText } from "../text/figures.ts";
import { Card } from "./card.tsx";

export function ProfileCard({ path, since }: { readonly path: string; readonly since: string }) {
  const [isOpen, setIsOpen] = useState(false);
  const query = `since=${encodeURIComponent(since)}`;
  const { answer, isLoading, problem } = useAnswer<ProfileAnswer>(
    isOpen ? `${path}/profile?${query}` : undefined,
  );
  const regular = answer?.contacts.filter((contact) => contact.regular) ?? [];
  const rest = (answer?.contacts.length ?? 0) - regular.length;
  return (
    <Card title="Its manners" class="profile">
      <details onToggle={({ currentTarget }) => setIsOpen(currentTarget.open)}>
        <summary>What it speaks to regularly</summary>
        {problem !== undefined && <p role="alert" class="problem">{problem}</p>}
        {isOpen && isLoading && answer === undefined && <p role="status">Reading the log…</p>}
        {answer !== undefined && (
          <>
            <p class="dim">
              On two days at least, of the {countOf(answer.days, "day")} on which it was seen.{" "}
              <a href={`/api/v1/${path}/profile?${query}&format=mud`} download="">
                For a firewall, as a MUD file
              </a>
            </p>
            {regular.length === 0
              ? <p class="empty">It speaks to nothing regularly.</p>
              : (
                <div class="scroll" tabIndex={0} role="region" aria-label="Its manners, a table">
                  <table class="wide-table">
                    <thead>
                      <tr>
                        <th scope="col" class="text">To</th>
                        <th scope="col" class="text">Service</th>
                        <th scope="col">Days</th>
                        <th scope="col">Flows</th>
                        <th scope="col" class="less">Up</th>
                        <th scope="col">Down</th>
                      </tr>
                    </thead>
                    <tbody>
                      {regular.map((one, i) => (
                        <tr key={i}>
                          <th scope="row" class="text">
                            {one.name ?? one.site ?? one.owner ?? "unknown"}
                          </th>
                          <td class="text">
                            {one.service}
                            {one.direction === "inbound" && " from outside"}
                          </td>
                          <td>{one.days}</td>
                          <td>{countText(one.flows)}</td>
                          <td class="less">{bytesText(one.up_bytes)}</td>
                          <td>{bytesText(one.down_bytes)}</td>
                        </tr>
                      ))}
                    </tbody>
                  </table>
                </div>
              )}
            {rest > 0 && <p class="rest">and {countText(rest)} that were seen now and then</p>}
          </>
        )}
      </details>
    </Card>
  );
}
