/** The words of an address, checked against what a route takes. */

import { type WrittenWords, WrongWord } from "../../report/question/written_question.ts";

/** In an address nothing stands before a name. */
export const NO_PREFIX = "";
/** Longer ones name nothing that there is. */
const MAX_LENGTH = 500;

export class QueryWords implements WrittenWords {
  readonly #parameters: URLSearchParams;

  /** @throws {WrongWord} when there is a word that `known` has not */
  constructor(parameters: URLSearchParams, known: readonly string[]) {
    for (const [name, value] of parameters) {
      if (!known.includes(name)) {
        const what = known.length === 0 ? "It takes none" : `It takes: ${known.join(", ")}`;
        throw new WrongWord(`there is no parameter ${name.slice(0, 40)} here. ${what}`);
      }
      if (value.length > MAX_LENGTH) throw new WrongWord(`${name} is too long`);
    }
    this.#parameters = parameters;
  }

  /** One without a value is as none. */
  value(name: string): string | undefined {
    return this.values(name).at(-1);
  }

  values(name: string): readonly string[] {
    return this.#parameters.getAll(name).filter((value) => value !== "");
  }

  /** The parts of a list with commas, or of one that was given again and again. */
  list(name: string): string[] {
    return this.values(name).flatMap((text) => text.split(",")).filter(Boolean);
  }

  /** @throws {WrongWord} */
  number(name: string, { otherwise, least = 1, most }: NumberOptions): number {
    const text = this.value(name);
    if (text === undefined) return otherwise;
    const number = /^\d{1,7}$/.test(text) ? Number(text) : NaN;
    if (number >= least && number <= most) return number;
    throw new WrongWord(`${name}=${text} is not possible. Write a number from ${least} to ${most}`);
  }

  /** @throws {WrongWord} */
  oneOf<T extends string>(name: string, words: readonly T[], otherwise: T): T {
    const text = this.value(name);
    if (text === undefined) return otherwise;
    const found = words.find((word) => word === text);
    if (found !== undefined) return found;
    throw new WrongWord(`${name}=${text} is not possible. Write one of: ${words.join(", ")}`);
  }
}

interface NumberOptions {
  readonly otherwise: number;
  /** @default 1 */
  readonly least?: number;
  readonly most: number;
}
