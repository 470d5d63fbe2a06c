/**
 * Runs every check and every test, counts them and says what was skipped and why.
 *
 * `scripts/dev.sh test` runs all; `test PATH...` only the tests in these files or folders, with
 * their types checked; `check` (`--checks`) the checks and the test of the import picture.
 *
 * Each test file gets a process of its own: the tests load C libraries, and one that crashes must
 * not take the results of the others along. That costs some 60 ms a file. Files run beside one
 * another: one that boots machines, one that mostly waits for the program, and two others; when
 * there are no others left, more that wait. What a file says is shown when it ends. What measures
 * runs when all of these have ended, alone on the machine. Each file's seconds are shown, and the
 * slowest files again at the end.
 *
 * The last line on stdout is `N passed, N failed, N skipped`. The exit code is 1 when something
 * failed or no test ran.
 */

import type { Skip } from "../tests/skip.ts";
import { readJunit } from "./junit.ts";

/** What runs longer than this hangs. */
const RUN_LIMIT_MS = 45 * 60_000;
const SHELL_SCRIPT_WITHOUT_SUFFIX = ".ci/run";
const LAYERS_TEST = "tests/layers_test.ts";
const SLOWEST_SHOWN = 10;

/** These boot machines. */
const MACHINE_TESTS = "tests/appliance/";
/** These mostly wait: each has namespaces and folders of its own. */
const WAITING_TESTS = [
  "tests/integration/",
  "tests/cli/top_test.ts",
  "tests/forward/",
  "tests/service/renewal/",
  "tests/service/places/place_cache_killed_test.ts",
  "tests/storage/flush_killed_test.ts",
];
/** These measure what other tests would disturb. */
const MEASURING_TESTS = [
  "tests/integration/idle_test.ts",
  "tests/integration/live_drops_test.ts",
  "tests/scripts/bench/wire_test.ts",
];

interface Outcome {
  name: string;
  result: "passed" | "failed" | "skipped";
  /** Why it was skipped or, where no test's own message says it, why it failed. */
  reason?: string;
}

/** A kind of test file, by what it may run beside. */
type Lane = "machines" | "waiting" | "measuring" | "others";

/** Who runs files beside one another: each those of its first lane, then those of the next. */
const RUNNERS: readonly (readonly Lane[])[] = [
  ["machines"],
  ["waiting"],
  ["others", "waiting"],
  ["others", "waiting"],
];

function laneOf(file: string): Lane {
  const isIn = (paths: readonly string[]) => paths.some((path) => file.startsWith(path));
  if (isIn([MACHINE_TESTS])) return "machines";
  if (isIn(MEASURING_TESTS)) return "measuring";
  return isIn(WAITING_TESTS) ? "waiting" : "others";
}

interface Plan {
  checks: Check[];
  testFiles: string[];
}

interface Check {
  name: string;
  program: string;
  args: string[];
}

function planOf(args: string[]): Plan {
  if (args.length > 0 && args[0] !== "--checks") {
    const testFiles = args.flatMap((path) => filesIn(path, "_test.ts"));
    const types = deno("types of these tests", "check", "--quiet", "--frozen", ...testFiles);
    return { checks: testFiles.length > 0 ? [types] : [], testFiles };
  }
  const checks = [
    deno("format", "fmt", "--check"),
    deno("lint", "lint"),
    deno("types", "check", "--quiet", "--frozen"),
    {
      name: "shell scripts",
      program: "shellcheck",
      args: [...filesIn(".", ".sh"), SHELL_SCRIPT_WITHOUT_SUFFIX],
    },
  ];
  return { checks, testFiles: args.length > 0 ? [LAYERS_TEST] : filesIn("tests", "_test.ts") };
}

function deno(name: string, ...args: string[]): Check {
  return { name, program: Deno.execPath(), args };
}

/** The files under `path` whose names end in `suffix`, sorted; `path` itself when it is a file. */
function filesIn(path: string, suffix: string): string[] {
  if (Deno.statSync(path).isFile) return [path];
  return [...Deno.readDirSync(path)]
    .filter(({ name }) => !name.startsWith(".") && name !== "dist")
    .sort((a, b) => a.name < b.name ? -1 : 1)
    .flatMap((entry) => {
      const inner = path === "." ? entry.name : `${path.replace(/\/$/, "")}/${entry.name}`;
      if (entry.isDirectory) return filesIn(inner, suffix);
      return entry.isFile && entry.name.endsWith(suffix) ? [inner] : [];
    });
}

async function runCheck({ name, program, args }: Check): Promise<Outcome> {
  try {
    const { success } = await runShown(`\n${name}`, { program, args });
    return { name, result: success ? "passed" : "failed" };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { name, result: "skipped", reason: `${program} is not installed` };
  }
}

/** How long each test file took. */
const secondsOf = new Map<string, number>();

/** Runs what is left in one lane after the other; who runs beside takes from the same lanes. */
async function runLanes(lanes: readonly Iterable<string>[], run: Runner): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const files of lanes) {
    for (const file of files) {
      const startedMs = performance.now();
      outcomes.push(...await runTestFile(file, run));
      const took = (performance.now() - startedMs) / 1000;
      secondsOf.set(file, took);
      console.log(`${file}: ${took.toFixed(1)} s`);
    }
  }
  return outcomes;
}

async function runTestFile(file: string, run: Runner): Promise<Outcome[]> {
  const scratch = await Deno.makeTempDir({ prefix: "wifilogger-test-" });
  try {
    const junit = `${scratch}/junit.xml`;
    const skips = `${scratch}/skips.jsonl`;
    const status = await run(`\n${file}`, {
      program: Deno.execPath(),
      args: ["test", "--quiet", "-A", "--frozen", "--no-check", `--junit-path=${junit}`, file],
      env: { TEST_SKIP_REPORT: skips },
    });
    const skipReasons = new Map(readSkips(skips).map(({ name, reason }) => [name, reason]));
    const outcomes = readJunit(readIfThere(junit)).map(({ name, result }): Outcome => {
      const outcome = { name: `${file}: ${name}`, result };
      if (result !== "skipped") return outcome;
      const reason = skipReasons.get(name);
      if (reason !== undefined) return { ...outcome, reason };
      return {
        ...outcome,
        result: "failed",
        reason: "skipped without a reason (see tests/skip.ts)",
      };
    });
    const fault = faultOutsideTests(status, outcomes);
    return fault ? [...outcomes, { name: file, result: "failed", reason: fault }] : outcomes;
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

/** What went wrong in a test file where no test shows it; null when nothing did. */
function faultOutsideTests(status: Deno.CommandStatus, outcomes: Outcome[]): string | null {
  if (outcomes.some(({ result }) => result === "failed")) return null;
  if (status.signal) return `killed by ${status.signal}`;
  if (!status.success) return `ended with code ${status.code}`;
  return outcomes.length === 0 ? "holds no test" : null;
}

function readSkips(path: string): Skip[] {
  return readIfThere(path).split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path) !== null;
  } catch {
    return false;
  }
}

function readIfThere(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

/** A program to run. */
interface Program {
  readonly program: string;
  readonly args: string[];
  readonly env?: Record<string, string>;
}

/** Runs a program to its end and shows its output under a title. */
type Runner = (title: string, program: Program) => Promise<Deno.CommandStatus>;

/** Shows the output as it comes. */
async function runShown(title: string, program: Program): Promise<Deno.CommandStatus> {
  console.log(title);
  return await command(program, "inherit").spawn().status;
}

/** Shows the output when all of it is there. */
async function runHeld(title: string, program: Program): Promise<Deno.CommandStatus> {
  const { stdout, stderr, ...status } = await command(program, "piped").output();
  const decoder = new TextDecoder();
  console.log(`${title}\n${decoder.decode(stdout)}${decoder.decode(stderr)}`.trimEnd());
  return status;
}

function command({ program, args, env }: Program, output: "inherit" | "piped"): Deno.Command {
  const signal = AbortSignal.timeout(RUN_LIMIT_MS);
  signal.onabort = () => console.log(`${program} stopped after ${RUN_LIMIT_MS / 60_000} minutes`);
  const isPlain = output === "piped" || !Deno.stdout.isTerminal();
  return new Deno.Command(program, {
    args,
    env: { ...env, ...(isPlain && { NO_COLOR: "1" }) },
    stdin: "null",
    stdout: output,
    stderr: output,
    signal,
  });
}

function showSlowest(): void {
  if (secondsOf.size <= 1) return;
  const slowest = [...secondsOf].toSorted(([, a], [, b]) => b - a).slice(0, SLOWEST_SHOWN);
  console.log("\nslowest files");
  for (const [file, took] of slowest) console.log(`${took.toFixed(1).padStart(6)} s  ${file}`);
}

function report(outcomes: Outcome[]): void {
  console.log();
  for (const { name, result, reason } of outcomes) {
    if (result !== "passed") console.log([result, name, reason].filter(Boolean).join(": "));
  }
  const count = (wanted: Outcome["result"]) =>
    outcomes.filter(({ result }) => result === wanted).length;
  console.log(`${count("passed")} passed, ${count("failed")} failed, ${count("skipped")} skipped`);
}

async function main(args: string[]): Promise<number> {
  Deno.chdir(new URL("..", import.meta.url));
  const absent = args.find((arg) => arg !== "--checks" && !isThere(arg));
  if (absent !== undefined) {
    console.error(
      `test.ts: cannot run the tests of ${absent}: it is not there. Give a path from the project's root`,
    );
    return 2;
  }
  const plan = planOf(args);
  const checked: Outcome[] = [];
  for (const check of plan.checks) checked.push(await runCheck(check));
  const filesOf = Map.groupBy(plan.testFiles, laneOf);
  const left = (lane: Lane) => filesOf.get(lane) ?? [];
  const shared = new Map(RUNNERS.flat().map((lane) => [lane, left(lane).values()]));
  const sideBySide = await Promise.all(
    RUNNERS.map((lanes) => runLanes(lanes.map((lane) => shared.get(lane)!), runHeld)),
  );
  const tested = [...sideBySide.flat(), ...await runLanes([left("measuring")], runShown)];

  const outcomes = [...checked, ...tested];
  showSlowest();
  report(outcomes);
  const anyTestRan = tested.some(({ result }) => result !== "skipped");
  return anyTestRan && outcomes.every(({ result }) => result !== "failed") ? 0 : 1;
}

Deno.exit(await main(Deno.args));
