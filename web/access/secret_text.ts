/** Secrets that are made here: long enough that nobody guesses one, and kept as hashes. */

import { Buffer } from "node:buffer";
import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";

const SECRET_BYTES = 32;

/** A new one, in letters that an address may hold. */
export function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString("base64url");
}

/** What is kept of it, in hexadecimal. Of 256 random bits, a hash that is quick is enough. */
export function secretHash(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/** Another secret that follows from it, and from which it does not follow. */
export function derivedSecret(secret: string, purpose: string): string {
  return createHmac("sha256", secret).update(purpose).digest("base64url");
}

/** Takes as long wherever the first difference is. */
export function isSameText(a: string, b: string): boolean {
  const [left, right] = [secretHash(a), secretHash(b)].map((text) => Buffer.from(text));
  return timingSafeEqual(left, right);
}
