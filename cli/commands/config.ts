/** `wifilogger config`: every setting, its value, and where it comes from. */

import { type Config, configFields, configOf, valueText } from "../../service/settings/config.ts";
import { installedService, serviceSources } from "../../service/settings/installed_service.ts";
import {
  processSources,
  type SettingOrigin,
  type SettingSources,
  type SettingState,
} from "../../service/settings/read_settings.ts";
import { fallbackText } from "../../service/settings/setting_table.ts";
import { expectNoPositional, oneOf, readArguments } from "../usage/arguments.ts";
import { COMMANDS } from "../usage/command_table.ts";
import { EXIT_DONE, EXIT_FAILED, EXIT_USAGE } from "../usage/exit_error.ts";
import { flagValues } from "../usage/setting_flags.ts";
import { escapeText } from "../../record/escape_text.ts";

/** Prints the settings. @returns the exit code: 2 when one of them cannot be used */
export function config(argv: readonly string[]): Promise<number> {
  const args = readArguments(COMMANDS.config, argv);
  expectNoPositional(args);
  const format = oneOf(args, "format", ["text", "json"]);
  const service = installedService();
  if (args.has("service") && service === undefined) {
    console.error(
      "wifilogger: no service is installed here. Install it: sudo ./install.sh, or the Debian package",
    );
    return Promise.resolve(EXIT_FAILED);
  }
  const sources: SettingSources = args.has("service") && service !== undefined
    ? { ...serviceSources(service), flags: flagValues(args) }
    : processSources(flagValues(args));
  const shown = configOf(sources, service);
  console.log(format === "json" ? JSON.stringify(configFields(shown), null, 2) : configText(shown));
  const isWrong = shown.states.some(({ error }) => error !== undefined);
  return Promise.resolve(isWrong ? EXIT_USAGE : EXIT_DONE);
}

function configText({ states, unknown, envPath, service }: Config): string {
  const originText = (origin: SettingOrigin) => origin === "~/.env" ? envPath : origin;
  const rows = states.map((state) => {
    const { setting, origin } = state;
    const from = origin === "flag" ? `--${setting.flag}` : originText(origin);
    return [setting.name, from, valueText(state) ?? noneText(state)] as const;
  });
  const width = (column: 0 | 1) => Math.max(...rows.map((row) => row[column].length));
  const [nameWidth, fromWidth] = [width(0), width(1)];
  const lines = rows.flatMap(([name, from, value], index) => {
    const line = `${name.padEnd(nameWidth)}  ${from.padEnd(fromWidth)}  ${escapeText(value)}`;
    const { error } = states[index];
    return error === undefined ? [line] : [line, `    WRONG: ${escapeText(error.message)}`];
  });
  const asides = unknown.map(({ name, origin, closest }) => {
    const where = origin === "~/.env" ? envPath : `the ${origin}`;
    return `${escapeText(name)} in ${where} is no setting. Did you mean ${closest}?`;
  });
  if (service !== undefined) {
    asides.push(
      `The installed service runs as ${service.user} and reads ${service.envPath}. ` +
        `For its settings: sudo wifilogger config --service`,
    );
  }
  return [...lines, ...asides.map((aside) => `\n${aside}`)].join("\n");
}

/** What stands for a value where nothing is set. */
function noneText({ setting }: SettingState): string {
  return `(${fallbackText(setting) ?? "not set"})`;
}
