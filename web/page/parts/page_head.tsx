/** The head of a page: what it is about, of which period, with which filters. */

import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { Period } from "../../api/answers.ts";
import { type Address, addressText } from "../question/address.ts";
import type { Preset } from "../question/period.ts";
import { FilterChips } from "./filter_chips.tsx";
import { PeriodPicker } from "./period_picker.tsx";

export interface PageHeadProps {
  readonly title: string;
  /** What stands above the title: where it belongs to. */
  readonly kind?: string;
  readonly address: Address;
  /** The period of the answer that is shown. */
  readonly period?: Period;
  readonly presets?: readonly Preset[];
  readonly isLoading?: boolean;
  /** Filters that the page itself stands for. */
  readonly withoutFilters?: boolean;
  readonly children?: ComponentChildren;
}

export function PageHead(props: PageHeadProps) {
  const { title, kind, address, period, presets, isLoading = false, children } = props;
  useEffect(() => {
    document.title = `${title} · wifilogger`;
  }, [title]);
  return (
    <div class="page-head" aria-busy={isLoading}>
      <div class="page-title">
        {kind !== undefined && <p class="kind">{kind}</p>}
        <h1>{title}</h1>
        {children}
      </div>
      <PeriodPicker
        question={address.question}
        period={period}
        presets={presets}
        addressOf={(question) => addressText({ ...address, question })}
      />
      {!props.withoutFilters && <FilterChips address={address} />}
      <span class={isLoading ? "progress on" : "progress"} role="status">
        <span class="unseen">{isLoading ? "Reading the log" : ""}</span>
      </span>
    </div>
  );
}
