/** Waiting for something to become so: asked again and again, up to a deadline, instead of a sleep. */

/** Generous, for a slow machine. */
const DEADLINE_MS = 20_000;
const POLL_MS = 10;

/**
 * Asks until the answer is neither `undefined` nor `false`; what `ask` throws ends the waiting.
 *
 * @throws {Error} when there is no answer in time, naming `what` was waited for
 */
export async function eventually<T>(
  what: string,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${DEADLINE_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
