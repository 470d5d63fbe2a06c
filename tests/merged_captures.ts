/** Several captures as one file, for programs that take long to start. */

/** The frames of the captures, one capture after the other, each with its link type; the file goes when the test ends. */
export function mergedCaptures(paths: readonly string[]): Disposable & { readonly path: string } {
  const path = Deno.makeTempFileSync({ prefix: "wifilogger_", suffix: ".pcapng" });
  const args = ["-a", "-F", "pcapng", "-w", path, ...paths];
  const { success, stderr } = new Deno.Command("mergecap", { args }).outputSync();
  if (!success) throw new Error(`mergecap failed: ${new TextDecoder().decode(stderr)}`);
  return { path, [Symbol.dispose]: () => Deno.removeSync(path) };
}
