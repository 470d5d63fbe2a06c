/** Debian's own checks of a package. */

/**
 * Information of Debian 12's lintian, which that of Debian 13 has no more: there an override of it is an error. The logger
 * runs under systemd alone, whose units make the log's folder, the sandbox and the privilege.
 */
const NOT_ASKED_ANY_MORE = "package-supports-alternative-init-but-no-init.d-script";

/** Lines that lintian says of a package, of every severity; none when all is well or overrides argue for it. */
export async function lintianSays(path: string, ...options: string[]): Promise<string[]> {
  const { stdout, stderr } = await new Deno.Command("lintian", {
    args: ["--display-info", "--allow-root", "--tag-display-limit=0", ...options, path],
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return (decoder.decode(stdout) + decoder.decode(stderr)).split("\n")
    .filter((line) => line !== "" && !line.startsWith("N: "))
    .filter((line) => !line.includes(`: ${NOT_ASKED_ANY_MORE} `));
}
