/** What standard output is, and how much of it a line may use. */

/** Where text goes. */
export interface Terminal {
  /** Undefined where it is no terminal. */
  readonly size: { readonly columns: number; readonly rows: number } | undefined;
  readonly hasColour: boolean;
  /** Whether characters other than ASCII are shown as what they are. */
  readonly isUtf8: boolean;
}

/** What a colour says. */
export type Meaning =
  | "heading"
  | "columns"
  | "quiet"
  | "device"
  | "inbound"
  | "weak"
  | "warning"
  | "up"
  | "down"
  | "chosen";

const SGR: Record<Meaning, string> = {
  heading: "1",
  columns: "4",
  quiet: "2",
  device: "36",
  inbound: "35",
  weak: "33",
  warning: "1;33",
  up: "32",
  down: "34",
  chosen: "7",
};

/** Standard output as it is now. `NO_COLOR`, `TERM=dumb` and the locale are heeded. */
export function standardTerminal(): Terminal {
  const env = (name: string) => Deno.env.get(name) || undefined;
  const isTerminal = Deno.stdout.isTerminal();
  const locale = env("LC_ALL") ?? env("LC_CTYPE") ?? env("LANG") ?? "";
  return {
    size: isTerminal ? consoleSize() : undefined,
    hasColour: isTerminal && env("NO_COLOR") === undefined && env("TERM") !== "dumb",
    isUtf8: /utf-?8/i.test(locale),
  };
}

function consoleSize(): { columns: number; rows: number } {
  try {
    const { columns, rows } = Deno.consoleSize();
    if (columns > 0 && rows > 0) return { columns, rows };
  } catch {
    // A terminal that does not say.
  }
  return { columns: 80, rows: 24 };
}

/** The text in the colour of a meaning, where there are colours. */
export function painted(text: string, meaning: Meaning, { hasColour }: Terminal): string {
  return hasColour && text !== "" ? `\x1b[${SGR[meaning]}m${text}\x1b[0m` : text;
}
