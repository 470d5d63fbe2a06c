/** Records page by page, the newest first. */

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { Period, RecordEntry, RecordsAnswer } from "../../api/answers.ts";
import { ask } from "./api.ts";

export interface Records {
  /** As they came; none is empty. */
  readonly pages: readonly (readonly RecordEntry[])[];
  readonly state: "loading" | "waiting" | "ended" | "failed";
  /** Everything newer has been looked at, RFC 3339. */
  readonly searchedTo?: string;
  /** Of the question; absent where it has no beginning. */
  readonly period?: Period;
  readonly problem?: string;
  readonly faults: readonly string[];
  /** Lines that the logger did not write. */
  readonly foreign: number;
  /** Asks for the next page. */
  readonly more: () => void;
}

const LIMIT = 100;
const EMPTY = { pages: [], state: "loading", faults: [], foreign: 0 } as const;

function periodOf({ since, until }: RecordsAnswer): Period | undefined {
  return since !== null && until !== null ? { since, until } : undefined;
}

/** @param query period and filters; another one begins anew */
export function useRecords(query: string): Records {
  const [records, setRecords] = useState<Omit<Records, "more">>(EMPTY);
  const cursor = useRef<string | null>(null);
  const running = useRef<AbortController>(undefined);
  const load = useCallback(async () => {
    running.current?.abort();
    const controller = running.current = new AbortController();
    setRecords((before) => ({ ...before, state: "loading", problem: undefined }));
    const from = cursor.current === null ? "" : `&cursor=${encodeURIComponent(cursor.current)}`;
    try {
      const answer = await ask<RecordsAnswer>(
        `records?${query === "" ? "" : `${query}&`}limit=${LIMIT}${from}`,
        controller.signal,
      );
      cursor.current = answer.next;
      setRecords((before) => ({
        pages: answer.records.length === 0 ? before.pages : [...before.pages, answer.records],
        state: answer.next === null ? "ended" : "waiting",
        searchedTo: answer.searched_to ?? undefined,
        period: periodOf(answer),
        faults: [...new Set([...before.faults, ...answer.faults])],
        foreign: before.foreign + answer.foreign_lines,
      }));
    } catch (error) {
      if (controller.signal.aborted) return;
      setRecords((before) => ({
        ...before,
        state: "failed",
        problem: (error as Error).message,
      }));
    }
  }, [query]);
  useEffect(() => {
    cursor.current = null;
    setRecords(EMPTY);
    load();
    return () => running.current?.abort();
  }, [load]);
  return { ...records, more: load };
}
