/** Ending a command that runs until it is told to stop. */

import { EXIT_FAILED } from "./exit_error.ts";

/** SIGTERM or SIGINT asks the program to stop in order. A second one ends it at once: what is in the RAM log stays there. */
export function stopOnSignals(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => {
      if (stop.signal.aborted) Deno.exit(EXIT_FAILED);
      stop.abort();
    });
  }
  return stop.signal;
}
