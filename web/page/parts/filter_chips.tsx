/** The filters of a question: each can be taken away, and one added. */

import { useRef, useState } from "preact/hooks";
import {
  type Address,
  addressText,
  type Filter,
  FILTERS,
  type Question,
} from "../question/address.ts";
import { go } from "../reach/navigation.ts";
import { countryName } from "../text/countries.ts";
import { evidenceText } from "../text/words.ts";

export function FilterChips({ address }: { readonly address: Address }) {
  const { question } = address;
  const [isAdding, setIsAdding] = useState(false);
  const value = useRef<HTMLInputElement>(null);
  const word = useRef<HTMLSelectElement>(null);
  const taken = FILTERS.filter((filter) => question[filter] !== undefined);
  const free = FILTERS.filter((filter) => question[filter] === undefined);
  const without = (filter: Filter): Question => ({ ...question, [filter]: undefined });
  const add = (event: Event) => {
    event.preventDefault();
    const text = value.current!.value.trim();
    if (text === "") return;
    setIsAdding(false);
    go(addressText({ ...address, question: { ...question, [word.current!.value]: text } }));
  };
  return (
    <div class="chips">
      {taken.length > 0 && (
        <ul aria-label="Only records with">
          {taken.map((filter) => (
            <li key={filter} class="chip">
              <span class="chip-word">{filter}</span>
              <span class="chip-value">{shown(filter, question[filter]!)}</span>
              <a
                href={addressText({ ...address, question: without(filter) })}
                aria-label={`Take the filter ${filter} away`}
              >
                ×
              </a>
            </li>
          ))}
        </ul>
      )}
      {isAdding
        ? (
          <form class="chip-form" onSubmit={add}>
            <select ref={word} aria-label="Filter by">
              {free.map((filter) => <option key={filter} value={filter}>{filter}</option>)}
            </select>
            <input
              ref={value}
              aria-label="Value of the filter"
              spellcheck={false}
              autocapitalize="off"
              onKeyDown={({ key }) => key === "Escape" && setIsAdding(false)}
            />
            <button type="submit">Add</button>
          </form>
        )
        : (
          <button
            type="button"
            class="quiet"
            onClick={() => {
              setIsAdding(true);
              requestAnimationFrame(() => value.current?.focus());
            }}
          >
            + Filter
          </button>
        )}
    </div>
  );
}

function shown(filter: Filter, value: string): string {
  if (filter === "country") return countryName(value);
  if (filter === "evidence") return evidenceText(value);
  return value;
}
