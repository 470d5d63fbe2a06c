/** Telling errors apart that the machine's owner can mend from others. */

import { CaptureError } from "./capture_error.ts";

/** Whether an error means that a privilege or a part of the system is missing; its message says which. */
export function isSystemFault(error: unknown): boolean {
  if (error instanceof CaptureError) return SYSTEM_KINDS.has(error.kind);
  if (error instanceof Deno.errors.PermissionDenied) return true;
  return error instanceof Error && error.cause !== undefined && isSystemFault(error.cause);
}

/** The others are about a file: that it is no capture, say. */
const SYSTEM_KINDS: ReadonlySet<CaptureError["kind"]> = new Set([
  "library_missing",
  "no_permission",
  "no_such_interface",
  "interface_down",
]);
