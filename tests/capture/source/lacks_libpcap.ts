/** Loads libpcap once a process, before any test: it is never unloaded, which in a test would count as a leak. */

import { CaptureError } from "../../../system/capture_error.ts";
import { loadLibpcap } from "../../../system/native.ts";

const why = load();

/** The reason to skip a test that reads capture files, `null` when libpcap is there. */
export function lacksLibpcap(): string | null {
  return why;
}

function load(): string | null {
  try {
    loadLibpcap();
    return null;
  } catch (error) {
    if (error instanceof CaptureError) return error.message;
    throw error;
  }
}
