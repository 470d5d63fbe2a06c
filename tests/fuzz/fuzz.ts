/**
 * Fuzzing: frames through the whole packet path, and messages through each parser, all of them whole ones that were damaged
 * (`mutate.ts`), frames also such as fast-check builds from layers that lie. Nothing may throw, take more than 10 ms, or
 * make memory grow.
 *
 *     scripts/dev.sh test:fuzz [CASES] [SEED]
 *
 * 10,000,000 cases unless told otherwise; the seed is printed. What fails is kept in `fixtures/`, which every test run
 * tries again.
 */

import fc from "fast-check";
import { fromFileUrl } from "@std/path";
import { linkDecoder } from "../../capture/decode/link_layer.ts";
import { LocalNetworks } from "../../capture/address/local_networks.ts";
import { Observer } from "../../capture/observer.ts";
import { flowLine } from "../../record/flow_line.ts";
import { type Random, seededRandom } from "../../scripts/seeded_random.ts";
import { packetBatch, START_US } from "../capture/pcap_records.ts";
import { builtFrames, capturedFrames, type LinkFrame } from "./corpus.ts";
import { lyingFrames } from "./lying_frames.ts";
import { mutated } from "./mutate.ts";
import { type Fuzzed, PARSERS } from "./parsers.ts";

/** Where failures are kept: a line that says to whom it is given, and the bytes in hex. */
export const FIXTURES = fromFileUrl(new URL("fixtures/", import.meta.url));
/** What one case may take. */
const LIMIT_MS = 10;
/** Of a rare parser's cases, each so many'th is run; no multiple of the number of parsers. */
const RARE = 101;
const TRIES = [1, 2, 3, 4, 5];
/** Of the cases: those that fast-check builds, which takes it 20 us each, and those of single parsers. */
const LYING_SHARE = 1 / 20;
const PARSERS_SHARE = 0.45;
/** What the heap may have grown by from a tenth of the way to the end. */
const GROWTH_BYTES = 16e6;

/** A case that went wrong. */
export interface Failure {
  /** `packet LINKTYPE`, or a parser's name. */
  readonly to: string;
  readonly bytes: Uint8Array;
  readonly why: string;
}

/** Frames, one by one, through an observer; what it gives away becomes lines. */
export class PacketPath {
  #observer = newObserver();
  #timeUs = START_US;

  /** Why a frame is a failure, if it is. */
  try({ linkType, bytes }: LinkFrame): string | undefined {
    const decodeLink = linkDecoder(linkType)!;
    this.#timeUs += 20_000;
    const batch = packetBatch([{ frame: bytes, timeUs: this.#timeUs }]);
    const why = verdict(() => this.#observer.process(batch, decodeLink));
    if (why === undefined) return undefined;
    // Garbage collection, lines that are due and other programs take their time too: alone it must be slow again.
    this.#observer = newObserver();
    const again = () => {
      const observer = newObserver();
      return verdict(() => observer.process(batch, decodeLink));
    };
    return why.startsWith("took") && TRIES.some(() => again() === undefined) ? undefined : why;
  }
}

function newObserver(): Observer {
  return new Observer((delta) => void flowLine(delta, NO_SOURCES), {
    localNetworks: new LocalNetworks(),
    includeInternal: true,
    looksIntoTunnels: true,
    maxFlows: 4096,
  });
}

const NO_SOURCES = {
  place: () => undefined,
  ptr: () => undefined,
  vendor: () => undefined,
  isOnLink: () => false,
};

function verdict(run: () => unknown, mayThrow: (error: unknown) => boolean = () => false) {
  const startMs = performance.now();
  try {
    run();
  } catch (error) {
    if (!mayThrow(error)) return `threw ${error instanceof Error ? error.stack : error}`;
  }
  const ms = performance.now() - startMs;
  return ms > LIMIT_MS ? `took ${ms.toFixed(1)} ms` : undefined;
}

/** Why bytes are a failure of a parser, if they are. */
export function tryParser({ parse, mayThrow }: Fuzzed, bytes: Uint8Array): string | undefined {
  const why = verdict(() => parse(bytes), mayThrow);
  const again = () => verdict(() => parse(bytes), mayThrow);
  return why?.startsWith("took") && TRIES.some(() => again() === undefined) ? undefined : why;
}

/** Runs cases by a seed. Stops at the first failure. `say` is told how far it is. */
export function fuzz(
  cases: number,
  seed: number,
  say: (text: string) => void = () => {},
): Failure | undefined {
  const random = seededRandom(seed);
  const lying = Math.round(cases * LYING_SHARE);
  const ofParsers = Math.round(cases * PARSERS_SHARE);
  const heap = new HeapWatch(cases);
  return fuzzFrames(cases - lying - ofParsers, random, heap, say) ??
    fuzzParsers(ofParsers, random, heap, say) ??
    fuzzLies(lying, seed, say) ??
    heap.failure();
}

function fuzzFrames(cases: number, random: Random, heap: HeapWatch, say: (text: string) => void) {
  const frames = [...builtFrames(), ...capturedFrames()];
  const pick = () => frames[Math.floor(random() * frames.length)];
  const path = new PacketPath();
  for (let i = 0; i < cases; i++) {
    const { linkType, bytes } = pick();
    const frame = { linkType, bytes: mutated(bytes, pick().bytes, random) };
    const why = path.try(frame);
    if (why !== undefined) return { to: `packet ${linkType}`, bytes: frame.bytes, why };
    heap.look();
  }
  say(`${cases} damaged frames of ${frames.length}`);
}

function fuzzParsers(cases: number, random: Random, heap: HeapWatch, say: (text: string) => void) {
  for (let i = 0; i < cases; i++) {
    const parser = PARSERS[i % PARSERS.length];
    if (parser.isRare && i % RARE !== 0) continue;
    const pick = () => parser.wholes[Math.floor(random() * parser.wholes.length)];
    const bytes = mutated(pick(), pick(), random);
    const why = tryParser(parser, bytes);
    if (why !== undefined) return { to: parser.name, bytes, why };
    heap.look();
  }
  say(`${cases} damaged messages for ${PARSERS.length} parsers`);
}

function fuzzLies(cases: number, seed: number, say: (text: string) => void): Failure | undefined {
  const path = new PacketPath();
  let failure: Failure | undefined;
  const result = fc.check(
    fc.property(lyingFrames, (frame) => {
      const why = path.try({ linkType: frame.linkType, bytes: frame.bytes });
      if (why !== undefined) failure = { to: `packet ${frame.linkType}`, bytes: frame.bytes, why };
      return why === undefined;
    }),
    { numRuns: cases, seed: seed | 0, verbose: 0 },
  );
  say(`${result.numRuns} frames of layers that lie`);
  return failure;
}

/** Watches V8's heap, where garbage can be collected at will (`--expose-gc`). */
class HeapWatch {
  readonly #cases: number;
  #seen = 0;
  #early = 0;

  constructor(cases: number) {
    this.#cases = cases;
  }

  look(): void {
    if (++this.#seen === Math.round(this.#cases / 10)) this.#early = heapBytes();
  }

  failure(): Failure | undefined {
    const grown = heapBytes() - this.#early;
    if (this.#early === 0 || grown < GROWTH_BYTES) return undefined;
    const why = `the heap grew by ${(grown / 1e6).toFixed(1)} MB`;
    return { to: "memory", bytes: new Uint8Array(0), why };
  }
}

function heapBytes(): number {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) return 0;
  gc();
  return Deno.memoryUsage().heapUsed;
}

/** Keeps a failure for later test runs. @returns its path */
export function keep({ to, bytes, why }: Failure): string {
  const path = `${FIXTURES}${to.replaceAll(" ", "_")}_${bytes.length}_${Date.now()}.txt`;
  Deno.writeTextFileSync(path, `${to}\n${bytes.toHex()}\n${why.split("\n", 1)[0]}\n`);
  return path;
}

if (import.meta.main) {
  const cases = Number(Deno.args[0] ?? 10_000_000);
  const seed = Number(Deno.args[1] ?? crypto.getRandomValues(new Uint32Array(1))[0]);
  console.log(`${cases} cases, seed ${seed}`);
  const startMs = performance.now();
  const failure = fuzz(cases, seed, console.log);
  const seconds = (performance.now() - startMs) / 1e3;
  const { heapUsed, rss } = Deno.memoryUsage();
  console.log(
    `${seconds.toFixed(0)} s; heap ${(heapUsed / 1e6).toFixed(1)} MB, resident ` +
      `${(rss / 1e6).toFixed(0)} MB`,
  );
  if (failure !== undefined) {
    console.log(`${failure.to}: ${failure.why}\nkept in ${keep(failure)}`);
    Deno.exit(1);
  }
  console.log("no failure");
}
