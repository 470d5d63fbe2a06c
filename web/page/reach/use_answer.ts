/** An answer of the API as long as it is shown. */

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { ask } from "./api.ts";

/** How it stands with a question. */
export interface Asked<T> {
  /** While another is asked for, the one before stays. */
  readonly answer?: T;
  /** What was asked for when `answer` came. */
  readonly path?: string;
  readonly problem?: string;
  readonly isLoading: boolean;
  /** Asks anew. */
  readonly again: () => void;
}

/** Answers that "back" shows at once, while they are asked for anew. */
const KEPT = 24;
const kept = new Map<string, unknown>();

/**
 * Asks, and asks again when the path changes, when the page is looked at again, and every `everyMs` while it is.
 *
 * @param path behind `/api/v1/`; `undefined` asks nothing
 */
export function useAnswer<T>(
  path: string | undefined,
  { everyMs }: { readonly everyMs?: number } = {},
): Asked<T> {
  const [state, setState] = useState<Omit<Asked<T>, "again">>(() => ({
    answer: path === undefined ? undefined : kept.get(path) as T | undefined,
    path,
    isLoading: path !== undefined,
  }));
  const running = useRef<AbortController>(undefined);
  const load = useCallback(async () => {
    if (path === undefined) return;
    running.current?.abort();
    const controller = running.current = new AbortController();
    setState((before) => {
      const known = kept.get(path) as T | undefined;
      return known !== undefined && before.path !== path
        ? { answer: known, path, isLoading: true }
        : { ...before, isLoading: true };
    });
    try {
      const answer = await ask<T>(path, controller.signal);
      keep(path, answer);
      setState({ answer, path, isLoading: false });
    } catch (error) {
      if (controller.signal.aborted) return;
      setState((before) => ({
        ...before,
        problem: (error as Error).message,
        isLoading: false,
      }));
    }
  }, [path]);
  useEffect(() => {
    load();
    return () => running.current?.abort();
  }, [load]);
  useEffect(() => {
    if (everyMs === undefined) return;
    const timer = setInterval(() => document.hidden || load(), everyMs);
    const look = () => document.hidden || load();
    document.addEventListener("visibilitychange", look);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [load, everyMs]);
  return { ...state, again: load };
}

function keep(path: string, answer: unknown): void {
  kept.delete(path);
  kept.set(path, answer);
  if (kept.size > KEPT) kept.delete(kept.keys().next().value!);
}

/** Forgets all answers: what was changed may be in any. */
export function forgetAnswers(): void {
  kept.clear();
}
