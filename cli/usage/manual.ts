/** The manual page, from the tables that help is made from. */

import { type Command, COMMAND_LIST, type Flag } from "./command_table.ts";
import { fallbackText, SETTING_LIST } from "../../service/settings/setting_table.ts";

/** When the text was last gone through. */
const DATE = "November 27, 2026";
const LINE_LENGTH = 76;

/** The manual in mdoc(7). */
export function manual(): string {
  return [
    '.\\" Made by: wifilogger manual',
    `.Dd ${DATE}`,
    ".Dt WIFILOGGER 1",
    ".Os",
    ".Sh NAME",
    ".Nm wifilogger",
    ".Nd log which device of the network talked to which named place, and how much",
    ".Sh SYNOPSIS",
    ...COMMAND_LIST.flatMap(synopsis),
    ".Sh DESCRIPTION",
    ".Nm",
    text(
      "listens on a network interface and writes a record for each flow that leaves or enters " +
        "the network: which device, which named place, in which country and network, and how much " +
        "went up and down. The log lies in RAM and is moved to a daily archive, so that an SD card " +
        "lives long.",
    ),
    ".Pp",
    text(
      "Each record is a line of JSON with the names of the Elastic Common Schema. Traffic " +
        "between local addresses is not logged.",
    ),
    ".Sh COMMANDS",
    ...COMMAND_LIST.flatMap(commandSection),
    ".Sh ENVIRONMENT",
    text(
      "Every setting is read from its flag, then from the environment, then from the file .env in " +
        "the home folder, and else has its default.",
    ),
    ".Bl -tag -width Ds",
    ...SETTING_LIST.filter(({ isHidden }) => !isHidden).flatMap((setting) => {
      const { name, value, help } = setting;
      const fallback = fallbackText(setting);
      return [
        `.It Ev ${name} Ns = Ns Ar ${argument(value)}`,
        text(sentence(help)),
        ...(fallback === undefined ? [] : [text(`Default: ${fallback}.`)]),
      ];
    }),
    ".El",
    ".Sh FILES",
    ".Bl -tag -width Ds",
    ...FILES.flatMap(([path, what]) => [`.It Pa ${path}`, text(what)]),
    ".El",
    ".Sh EXIT STATUS",
    ".Bl -tag -width Ds",
    ...EXIT_STATUS.flatMap(([code, what]) => [`.It ${code}`, text(what)]),
    ".El",
    ".Sh EXAMPLES",
    ...EXAMPLES.flatMap(([what, line]) => [text(what), ".Pp", `.Dl ${escaped(line)}`, ".Pp"]).slice(
      0,
      -1,
    ),
    "",
  ].join("\n");
}

const FILES: readonly [string, string][] = [
  ["/mnt/ramlogs/today.log", "The log in RAM."],
  [
    "~/wifi_logger/logs/YYYY-MM-DD.log",
    "The archive, a file for each local day; closed days are compressed.",
  ],
  ["~/wifi_logger/ip_location_cache.json", "What was learnt about places."],
  ["~/.env", "Settings."],
  ["/run/wifilogger/control.sock", "Where the running logger is asked."],
];

const EXIT_STATUS: readonly [number, string][] = [
  [0, "Done."],
  [1, "Failed, or something was found to be bad."],
  [2, "A flag, an argument or a setting is wrong."],
  [3, "A privilege or a part of the system is missing; the message says which."],
];

const EXAMPLES: readonly [string, string][] = [
  ["Log the traffic of an access point:", "sudo wifilogger run --interface wlan0"],
  [
    "What did the laptop do yesterday?",
    "wifilogger tail --since yesterday --until yesterday --device laptop",
  ],
  ["Make records from a capture file:", "wifilogger read capture.pcap"],
];

function synopsis({ name, operands }: Command): string[] {
  const isFlag = name.startsWith("-");
  const command = isFlag ? `Fl Fl ${name.slice(2)}` : name === "run" ? "Op Cm run" : `Cm ${name}`;
  const operand = operands === undefined ? [] : [`.${operandsMacro(operands)}`];
  return [".Nm", `.${command}`, ".Op Ar flags", ...operand];
}

function operandsMacro(operands: string): string {
  const optional = /^\[([^[\]]*)\]$/.exec(operands);
  if (optional !== null) return `Op Ar ${optional[1]}`;
  return operands.endsWith("...") ? `Ar ${operands.slice(0, -3)} ...` : `Ar ${operands}`;
}

function commandSection({ name, operands, purpose, about, flags, notes }: Command): string[] {
  const own = flags.filter((flag) => flag.setting === undefined && `--${flag.name}` !== name);
  const settings = flags.filter((flag) => flag.setting !== undefined);
  return [
    `.Ss ${escaped([name, operands].filter(Boolean).join(" "))}`.replace("...", " ...\\&").replace(
      /\]$/,
      "]\\&",
    ),
    text(sentence(purpose)),
    ".Pp",
    paragraphs(about),
    ".Bl -tag -width Ds",
    ...own.flatMap((flag) => [flagItem(flag), text(flagSentence(flag))]),
    ".El",
    ...settingsList(name, settings),
    ...(notes === undefined ? [] : [".Pp", paragraphs(notes)]),
  ];
}

/** What a command takes of the settings. */
function settingsList(name: string, flags: readonly Flag[]): string[] {
  if (flags.length === 0) return [];
  const all = SETTING_LIST.filter(({ flag }) => flag !== undefined).length;
  const see = [".Pp", "Settings that it takes as flags, see", ".Sx ENVIRONMENT :"];
  if (flags.length === all && name !== "run") return [...see, "those that", ".Cm run", "takes."];
  const items = flags.map(({ name, letter }, index) => {
    const short = letter === undefined ? "" : `Fl ${letter} , `;
    return `.${short}Fl Fl ${argument(name)} ${index === flags.length - 1 ? "." : ","}`;
  });
  return [...see, ...items];
}

function flagItem({ name, letter, value }: Flag): string {
  const argumentText = value === undefined ? "" : ` Ar ${argument(value)}`;
  const letterText = letter === undefined ? "" : `Fl ${letter}${argumentText} , `;
  return `.It ${letterText}Fl Fl ${argument(name)}${argumentText}`;
}

function flagSentence({ help, fallback }: Flag): string {
  return sentence(help) + (fallback === undefined ? "" : ` Default: ${fallback}.`);
}

function sentence(phrase: string): string {
  return `${phrase[0].toUpperCase()}${phrase.slice(1)}${/[.?!]$/.test(phrase) ? "" : "."}`;
}

/** Paragraphs; lines that are indented stand as they are. */
function paragraphs(given: string): string {
  const parts: { isIndented: boolean; lines: string[] }[] = [];
  for (const line of given.split("\n")) {
    const isIndented = line.startsWith("  ");
    const last = parts.at(-1);
    if (line === "") parts.push({ isIndented: false, lines: [] });
    else if (last?.isIndented === isIndented) last.lines.push(line);
    else parts.push({ isIndented, lines: [line] });
  }
  return parts.filter(({ lines }) => lines.length > 0).map(({ isIndented, lines }, index) => {
    if (!isIndented) return `${index === 0 ? "" : ".Pp\n"}${text(lines.join(" "))}`;
    return [".Bd -literal", ...lines.map((line) => escaped(line.trim())), ".Ed"].join("\n");
  }).join("\n");
}

/** Running text: a sentence begins a line, as mdoc wants it, and no line is long. */
function text(given: string): string {
  return given.split(/(?<=[.?!:]) (?=[A-Z])/).flatMap(wrapped).map(escaped).join("\n");
}

function wrapped(given: string): string[] {
  const lines: string[] = [];
  for (const word of given.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= LINE_LENGTH) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines;
}

/** A line of text in which roff sees no request, and a hyphen that is typed stays one. */
function escaped(line: string): string {
  return line.replaceAll("\\", "\\e").replaceAll(
    /--[a-z-]+/g,
    (flag) => flag.replaceAll("-", "\\-"),
  ).replace(/^([.'])/, "\\&$1");
}

/** An argument of a macro: never taken for a macro itself. */
function argument(word: string): string {
  const plain = word.replaceAll("-", "\\-");
  return /^[A-Z][a-z]$/.test(word) ? `\\&${plain}` : plain;
}
