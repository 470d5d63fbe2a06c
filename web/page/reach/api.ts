/** Requests to the server that this page came from. */

import type { ErrorAnswer } from "../../api/answers.ts";

const BASE = "/api/v1/";
const UNAUTHORIZED = 401;

/** An answer that says what is wrong, in a sentence for a person. */
export class ApiError extends Error {
  override name = "ApiError";
  /** The status of the answer; 0: there was none. */
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

let csrf = "";
let onSignedOut = () => {};

/** What goes with each change from now on. */
export function setCsrf(token: string): void {
  csrf = token;
}

/** @param listener called when the session is found to have ended */
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener;
}

/** @param path behind `/api/v1/`, with its query. @throws {ApiError} */
export async function ask<T>(path: string, signal?: AbortSignal): Promise<T> {
  return await request<T>(path, { signal });
}

/** Changes something. @throws {ApiError} */
export async function change<T>(path: string, body?: unknown): Promise<T> {
  return await request<T>(path, {
    method: "POST",
    headers: {
      "X-CSRF-Token": csrf,
      ...(body !== undefined && { "Content-Type": "application/json" }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

async function request<T>(path: string, init: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(BASE + path, { ...init, credentials: "same-origin" });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new ApiError("The server does not answer. Is the Pi on, and in this network?", 0);
  }
  if (response.ok) return response.status === 204 ? undefined as T : await response.json();
  if (response.status === UNAUTHORIZED && path !== "login") onSignedOut();
  throw new ApiError(await reasonOf(response), response.status);
}

async function reasonOf(response: Response): Promise<string> {
  try {
    const { error }: ErrorAnswer = await response.json();
    if (typeof error === "string") return error;
  } catch {
    // No JSON: something on the way has answered.
  }
  return `The server answers ${response.status} ${response.statusText}`;
}
