/** The built pages. */

/** One file of them. */
export interface PageFile {
  /** As it is asked for. */
  readonly path: string;
  readonly type: string;
  /** With its quotes. */
  readonly etag: string;
  /** The content, gzipped. */
  readonly gzip: Uint8Array;
  readonly isImmutable: boolean;
}

/** @throws {Error} when they are not built, and the command that builds them */
export function readPageFiles(): Promise<readonly PageFile[]> {
  return Promise.reject(new Error("the pages are not built"));
}
