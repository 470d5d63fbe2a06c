/** The head of an HTTP/1 request (RFC 9112, 2 to 5): whom it is for. */

import { Buffer } from "node:buffer";
import { hostOfAuthority } from "./http_authority.ts";

/** What the bytes that are there say of a request. */
export interface HttpRequestHead {
  /**
   * The host that the request is for, see `hostOfAuthority()`. Absent while it has not come, when there was none,
   * and when two Host headers contradict each other. While the head is not whole, it may still be withdrawn so.
   */
  readonly host?: string;
  /** A request for a tunnel: what follows the head belongs to whatever goes through it. */
  readonly isConnect: boolean;
  /** Bytes of the head with the empty line at its end; `undefined` while that has not come. */
  readonly length: number | undefined;
}

/** What a head may be long; Host is among its first headers in all but hand-made requests. */
export const HTTP_HEAD_LIMIT = 8 << 10;

const MAX_METHOD_LENGTH = 20;
const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const SLASH = 0x2f;
const COLON = 0x3a;
const HOST_FIELD = bytesOf("host:");
const LOWER_CASE_BIT = 0x20;
const CONNECT = bytesOf("CONNECT");
const SCHEME_END = bytesOf("://");
/** A request line ends so, but for the minor version's digit (RFC 9112, 2.3). */
const VERSION_START = bytesOf(" HTTP/1.");
const VERSION_LENGTH = VERSION_START.length + 1;

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/**
 * Reads the request that begins at the first of `bytes`. `"incomplete"` while its request line is not whole and
 * `"invalid"` when it is no HTTP/1 request, as those of SIP and RTSP are not.
 */
export function parseHttpRequestHead(
  bytes: Uint8Array,
): HttpRequestHead | "incomplete" | "invalid" {
  const head = bytes.subarray(0, HTTP_HEAD_LIMIT);
  const methodLength = methodLengthOf(head, 0, head.length);
  if (methodLength < 0) return "invalid";
  const lineEnd = head.indexOf(LF);
  const line = trimmed(lineEnd < 0 ? head : head.subarray(0, lineEnd));
  if (line.some((byte) => byte < SPACE)) return "invalid";
  if (lineEnd < 0) return head.length < HTTP_HEAD_LIMIT ? "incomplete" : "invalid";
  const targetEnd = line.length - VERSION_LENGTH;
  if (targetEnd <= methodLength + 1 || !endsWithVersion(line)) return "invalid";

  const isConnect = methodLength === CONNECT.length && startsWith(line, CONNECT, 0);
  const target = line.subarray(methodLength + 1, targetEnd);
  const authority = isConnect ? target : authorityOf(target);
  const headers = readHeaders(head, lineEnd + 1);
  // RFC 9112, 3.2.2: where the target names a host, Host does not count.
  const host = authority === undefined ? headers.host : hostOfAuthority(authority);
  return { host, isConnect, length: headers.end };
}

/**
 * RFC 9112, 3.1: the length of the method that a request line from `start` to `end` begins with, an upper-case token
 * as every registered one is (RFC 9110, 16.1), with a space behind it or nothing yet; -1 when it is none.
 */
export function methodLengthOf(bytes: Uint8Array, start: number, end: number): number {
  const limit = Math.min(end, start + MAX_METHOD_LENGTH);
  let at = start;
  while (at < limit && isMethodCharacter(bytes[at])) at++;
  if (at === start) return -1;
  return at === end || bytes[at] === SPACE ? at - start : -1;
}

function isMethodCharacter(byte: number): boolean {
  const isUpperCase = byte >= 0x41 && byte <= 0x5a;
  return isUpperCase || byte === 0x2d || byte === 0x5f; // - and _
}

function endsWithVersion(line: Uint8Array): boolean {
  const minor = line[line.length - 1];
  return startsWith(line, VERSION_START, line.length - VERSION_LENGTH) &&
    minor >= 0x30 && minor <= 0x39;
}

/** RFC 9112, 3.2.2: the authority of a target in absolute form; of another form, `undefined`. */
function authorityOf(target: Uint8Array): Uint8Array | undefined {
  const colon = target.indexOf(COLON);
  const hasScheme = colon > 0 && target.indexOf(SLASH) === colon + 1 &&
    startsWith(target, SCHEME_END, colon);
  if (!hasScheme) return undefined;
  const begin = colon + SCHEME_END.length;
  let end = begin;
  while (end < target.length && !endsAuthority(target[end])) end++;
  return target.subarray(begin, end);
}

/** RFC 3986, 3.2: `/`, `?` or `#`. */
function endsAuthority(byte: number): boolean {
  return byte === SLASH || byte === 0x3f || byte === 0x23;
}

/** The Host that the headers from `begin` on agree on, and where the head ends, if it does (RFC 9112, 2.1 and 5). */
function readHeaders(head: Uint8Array, begin: number): { host?: string; end: number | undefined } {
  let authority: Uint8Array | undefined;
  let isContradictory = false;
  let end: number | undefined;
  for (let offset = begin; end === undefined;) {
    const fieldEnd = fieldEndOf(head, offset);
    if (fieldEnd < 0) break;
    if (isLineEnd(head, offset)) end = fieldEnd;
    const field = head.subarray(offset, fieldEnd);
    offset = fieldEnd;
    if (!isHostField(field)) continue;
    const value = trimmed(field.subarray(HOST_FIELD.length));
    isContradictory ||= authority !== undefined && Buffer.compare(authority, value) !== 0;
    authority = value;
  }
  const host = authority === undefined || isContradictory ? undefined : hostOfAuthority(authority);
  return { host, end };
}

/** One past the field or the empty line at `offset`, with the lines that are folded to it (5.2); -1 if it is cut. */
function fieldEndOf(head: Uint8Array, offset: number): number {
  let lineEnd = head.indexOf(LF, offset);
  while (lineEnd >= 0 && !isLineEnd(head, offset) && isBlank(head[lineEnd + 1])) {
    lineEnd = head.indexOf(LF, lineEnd + 1);
  }
  return lineEnd < 0 ? -1 : lineEnd + 1;
}

/** A line ends in CR LF, or in LF alone (RFC 9112, 2.2). */
function isLineEnd(head: Uint8Array, offset: number): boolean {
  return head[offset] === LF || (head[offset] === CR && head[offset + 1] === LF);
}

/** Field names do not distinguish case (RFC 9110, 5.1), and no space stands before the colon (RFC 9112, 5.1). */
function isHostField(field: Uint8Array): boolean {
  return field.length >= HOST_FIELD.length &&
    HOST_FIELD.every((byte, i) => (byte === COLON ? field[i] : field[i] | LOWER_CASE_BIT) === byte);
}

/** Without white space and line ends around it. */
function trimmed(bytes: Uint8Array): Uint8Array {
  let begin = 0;
  let end = bytes.length;
  while (begin < end && isWhiteSpace(bytes[begin])) begin++;
  while (begin < end && isWhiteSpace(bytes[end - 1])) end--;
  return bytes.subarray(begin, end);
}

function isWhiteSpace(byte: number): boolean {
  return isBlank(byte) || byte === CR || byte === LF;
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB;
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array, offset: number): boolean {
  return Buffer.compare(bytes.subarray(offset, offset + prefix.length), prefix) === 0;
}
