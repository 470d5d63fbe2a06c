/** The owner's password, as it is kept: hashed by scrypt (RFC 7914), so that who reads the file has to guess it, slowly. */

import { Buffer } from "node:buffer";
import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";

/** What a guess costs: memory of 128 * N * r bytes, `p` times (RFC 7914, section 2). */
export interface GuessCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** 16 MiB, and half a second of a core: one of the settings that OWASP recommends. */
const COST: GuessCost = { N: 2 ** 14, r: 8, p: 5 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;
const MIN_LENGTH = 10;
/** Beyond it, nobody types. */
const MAX_LENGTH = 200;

/** Why a text cannot be the password, and what to do; `undefined` when it can. */
export function passwordFault(password: string): string | undefined {
  const { length } = [...password];
  if (length < MIN_LENGTH) {
    return `the password has ${length} characters, and must have at least ${MIN_LENGTH}. ` +
      "Choose a longer one, such as four words";
  }
  if (length > MAX_LENGTH) {
    return `the password has more than ${MAX_LENGTH} characters. Choose a shorter one`;
  }
  if (new Set(password).size < 4) {
    return "the password has fewer than four different characters. Choose another";
  }
  return undefined;
}

/** What is kept of a password: `scrypt:N:r:p:salt:hash`, both in base64. */
export async function hashPassword(password: string, cost = COST): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, cost);
  const { N, r, p } = cost;
  return ["scrypt", N, r, p, salt.toString("base64"), hash.toString("base64")].join(":");
}

/** Whether it is the password of which that was kept. Takes as long for a wrong one. */
export async function isPassword(password: string, kept: string): Promise<boolean> {
  const match = /^scrypt:(\d{1,8}):(\d{1,2}):(\d{1,2}):([\w+/=]+):([\w+/=]+)$/.exec(kept);
  if (match === null || [...password].length > MAX_LENGTH) return false;
  const [N, r, p] = match.slice(1, 4).map(Number);
  const wanted = Buffer.from(match[5], "base64");
  const found = await derive(password, Buffer.from(match[4], "base64"), { N, r, p });
  return wanted.length === found.length && timingSafeEqual(wanted, found);
}

/** On a thread of its own: the server goes on meanwhile. */
function derive(password: string, salt: Uint8Array, { N, r, p }: GuessCost): Promise<Buffer> {
  const maxmem = 256 * N * r;
  return new Promise((resolve, reject) => {
    // One text has one form, however it was typed.
    scrypt(password.normalize("NFKC"), salt, HASH_BYTES, { N, r, p, maxmem }, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}
