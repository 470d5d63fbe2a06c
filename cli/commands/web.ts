/** `wifilogger web`: the pages and their API, until it is told to stop; and who may see them. */

import { checkOutputs } from "../../forward/output_checks.ts";
import { readOutputStates } from "../../forward/progress/progress.ts";
import { readTellStates } from "../../forward/telling/tell_state.ts";
import { escapeText } from "../../record/escape_text.ts";
import { sayOnStderr } from "../../service/program/diagnostics.ts";
import type { Settings } from "../../service/settings/settings.ts";
import { systemClock } from "../../system/clock.ts";
import { keepReleasing } from "../../system/spare_memory.ts";
import { type ApiToken, readAccess, writeAccess } from "../../web/access/access_file.ts";
import { hashPassword, passwordFault } from "../../web/access/password.ts";
import { newSecret, secretHash } from "../../web/access/secret_text.ts";
import { runWeb } from "../../web/run_web.ts";
import { readHiddenLine } from "../text/hidden_line.ts";
import { type Arguments, oneOf, readArguments } from "../usage/arguments.ts";
import { COMMANDS } from "../usage/command_table.ts";
import { EXIT_DONE, EXIT_FAILED, UsageError } from "../usage/exit_error.ts";
import { logSettingsFrom, settingsFrom } from "../usage/setting_flags.ts";
import { stopOnSignals } from "../usage/stop_on_signals.ts";

const USAGE = "Write: wifilogger web, web password, or web token list, add NAME or revoke NAME";
/** Tokens that somebody can keep in mind. */
const MAX_TOKENS = 100;

/** @returns the exit code */
export async function web(argv: readonly string[]): Promise<number> {
  const args = readArguments(COMMANDS.web, argv);
  const [what, ...rest] = args.positional;
  switch (what) {
    case undefined:
      return await serve(args);
    case "password":
      if (rest.length > 0) throw new UsageError(`web password takes no "${rest[0]}". ${USAGE}`);
      return await setPassword(logSettingsFrom(args));
    case "token":
      return await tokens(args, rest);
    default:
      throw new UsageError(`web has no "${what}". ${USAGE}`);
  }
}

async function serve(args: Arguments): Promise<number> {
  const settings = settingsFrom(args);
  const stop = stopOnSignals();
  const isOnTerminal = Deno.stdout.isTerminal();
  await runWeb({
    settings,
    clock: systemClock,
    readers: {
      outputs: () => readOutputStates(settings.forwardDir),
      receivers: () => readTellStates(settings.forwardDir),
      check: (patient) => checkOutputs(patient, systemClock.wallMs()),
    },
    say: sayOnStderr(),
    isOnTerminal,
    listening: (address, link) => {
      void keepReleasing(stop);
      if (link === undefined) console.log(`serving the pages on ${address}`);
      else console.log(`Open this once, within ten minutes:\n\n  ${link}\n\nCtrl-C ends it.`);
    },
  }, stop);
  return EXIT_DONE;
}

async function setPassword({ webFilePath }: Settings): Promise<number> {
  const isOnTerminal = Deno.stdin.isTerminal();
  const password = await readHiddenLine("New password for the pages: ");
  if (password === undefined) return notSet("none was given");
  const fault = passwordFault(password);
  if (fault !== undefined) throw new UsageError(fault);
  if (isOnTerminal && await readHiddenLine("Once more: ") !== password) {
    return notSet("the second was not the first");
  }
  const words = await readAccess(webFilePath);
  await writeAccess(webFilePath, { ...words, password: await hashPassword(password) });
  console.log("the password is set; who was signed in has to sign in again");
  return EXIT_DONE;
}

function notSet(why: string): number {
  console.error(`wifilogger: the password was not set: ${why}. Run it again`);
  return EXIT_FAILED;
}

async function tokens(
  args: Arguments,
  [action, name, ...rest]: readonly string[],
): Promise<number> {
  const { webFilePath } = logSettingsFrom(args);
  const words = await readAccess(webFilePath);
  if (rest.length > 0) throw new UsageError(`web token takes no "${rest[0]}". ${USAGE}`);
  if (action === "list") return listTokens(args, words.tokens);
  if (name === undefined) throw new UsageError(USAGE);
  const others = words.tokens.filter((token) => token.name !== name);
  const isThere = others.length < words.tokens.length;
  switch (action) {
    case "add": {
      if (!/^[\w.-]{1,40}$/.test(name)) {
        throw new UsageError(
          "a token's name has 1 to 40 letters, digits, . _ and -. Choose another",
        );
      }
      if (isThere) {
        throw new UsageError(`there is a token ${name} already. Revoke it, or choose another name`);
      }
      if (others.length >= MAX_TOKENS) {
        throw new UsageError(`there are ${MAX_TOKENS} tokens. Revoke some`);
      }
      const secret = newSecret();
      const added: ApiToken = {
        name,
        hash: secretHash(secret),
        created: new Date().toISOString(),
        mayChange: args.has("may-change"),
      };
      await writeAccess(webFilePath, { ...words, tokens: [...others, added] });
      console.error("It is shown this once. Send it as: Authorization: Bearer TOKEN");
      console.log(secret);
      return EXIT_DONE;
    }
    case "revoke":
      if (!isThere) {
        console.error(
          `wifilogger: there is no token ${escapeText(name)}. See: wifilogger web token list`,
        );
        return EXIT_FAILED;
      }
      await writeAccess(webFilePath, { ...words, tokens: others });
      console.log(`${name} is revoked`);
      return EXIT_DONE;
    default:
      throw new UsageError(`web token has no "${action}". ${USAGE}`);
  }
}

function listTokens(args: Arguments, tokens: readonly ApiToken[]): number {
  if (oneOf(args, "format", ["text", "json"]) === "json") {
    const shown = tokens.map(({ name, created, mayChange }) => ({
      name,
      created,
      may_change: mayChange,
    }));
    console.log(JSON.stringify(shown, null, 2));
    return EXIT_DONE;
  }
  if (tokens.length === 0) console.log("There are no tokens.");
  for (const { name, created, mayChange } of tokens) {
    const may = mayChange ? "may read and change" : "may read";
    console.log(`${escapeText(name).padEnd(20)}  ${created.slice(0, 10)}  ${may}`);
  }
  return EXIT_DONE;
}
