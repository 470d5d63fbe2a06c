/** What the owner may change: names of devices, and marks of what is known. */

import { escapeText } from "../../record/escape_text.ts";
import type { Device } from "../rules/household_devices.ts";
import { keysOf, type KnownMark, markKey, type OwnerWords } from "./owner_file.ts";

/** A name that a device cannot have; the message says why, and what to do. */
export class UnusableName extends Error {
  override name = "UnusableName";
}

/** The words with another name for one of the devices; without a name it has none. @throws {UnusableName} */
export function withName(
  words: OwnerWords,
  devices: readonly Device[],
  device: Device,
  name: string | undefined,
): OwnerWords {
  if (name !== undefined && !/^[^\p{C}]{1,64}$/u.test(name)) {
    throw new UnusableName(
      "a device's name has 1 to 64 characters that can be seen. Choose another",
    );
  }
  const taken = devices.find((other) => other !== device && other.ownName === name);
  if (name !== undefined && taken !== undefined) {
    throw new UnusableName(
      `another device is called ${escapeText(name)}: ${taken.id}. Choose another`,
    );
  }
  const others = Object.entries(words.names).filter(([key]) => !keysOf(device).includes(key));
  return {
    ...words,
    names: { ...Object.fromEntries(others), ...(name !== undefined && { [device.id]: name }) },
  };
}

/** The words with more marks, and how many of them are new. */
export function withMarks(
  words: OwnerWords,
  marks: readonly KnownMark[],
): { readonly words: OwnerWords; readonly changed: number } {
  const known = new Map(words.known.map((mark) => [markKey(mark), mark]));
  for (const mark of marks) if (!known.has(markKey(mark))) known.set(markKey(mark), mark);
  return {
    words: { ...words, known: [...known.values()] },
    changed: known.size - new Set(words.known.map(markKey)).size,
  };
}

/** The words without some marks, or any at all, and how many of them there were. */
export function withoutMarks(
  words: OwnerWords,
  marks: readonly KnownMark[] | "all",
): { readonly words: OwnerWords; readonly changed: number } {
  const removed = new Set((marks === "all" ? words.known : marks).map(markKey));
  const known = words.known.filter((mark) => !removed.has(markKey(mark)));
  return { words: { ...words, known }, changed: words.known.length - known.length };
}
