/** What the running logger says about itself: short lines on stderr, with a level and a component, none per packet. */

/** How much a line matters. */
export type Level = "info" | "warning" | "error";

/** Takes one line; `component` is the room it comes from, such as `capture`. */
export type Say = (level: Level, component: string, message: string) => void;

/** syslog(3) numbers, which the journal reads from a prefix (sd-daemon(3)). */
const JOURNAL_PREFIX: Record<Level, string> = { info: "<6>", warning: "<4>", error: "<3>" };

/** Says it on stderr; under systemd with the journal's level prefix instead of the word. */
export function sayOnStderr(): Say {
  const isJournal = Deno.env.get("JOURNAL_STREAM") !== undefined;
  return (level, component, message) => {
    const text = message.replaceAll("\n", " ");
    console.error(
      isJournal
        ? `${JOURNAL_PREFIX[level]}${component}: ${text}`
        : `wifilogger: ${level === "info" ? "" : `${level}: `}${component}: ${text}`,
    );
  };
}
