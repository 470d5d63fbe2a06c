/** Debian's own checks of a package. */

/** Lines that lintian says of a package, of every severity; none when all is well or overrides argue for it. */
export async function lintianSays(path: string, ...options: string[]): Promise<string[]> {
  const { stdout, stderr } = await new Deno.Command("lintian", {
    args: ["--display-info", "--allow-root", "--tag-display-limit=0", ...options, path],
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return (decoder.decode(stdout) + decoder.decode(stderr)).split("\n")
    .filter((line) => line !== "" && !line.startsWith("N: "));
}
