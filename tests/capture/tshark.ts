/** tshark as an independent eye on the same packets. */

/** The given fields of each packet of a capture file, the first value of each; "" where a packet has none. */
export async function tsharkFields(
  path: string,
  { fields, args = [] }: { fields: readonly string[]; args?: readonly string[] },
): Promise<string[][]> {
  const { success, stdout, stderr } = await new Deno.Command("tshark", {
    args: [
      ...["-n", "-r", path, ...args, "-T", "fields", "-E", "occurrence=f"],
      ...fields.flatMap((field) => ["-e", field]),
    ],
  }).output();
  if (!success) throw new Error(`tshark failed: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout).split("\n").slice(0, -1).map((row) => row.split("\t"));
}
