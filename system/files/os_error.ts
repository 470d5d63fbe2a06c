/** Reading the errors that Deno's file calls throw. */

/** The error's symbolic errno, such as `"ENOSPC"`; undefined when it does not come from the system. */
export function osErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** The reason in the system's words, without Deno's addenda: `"No space left on device"`. */
export function osReason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/ \(os error \d+\).*$/s, "");
}
