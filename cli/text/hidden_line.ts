/** A line that a person types and nobody sees; or, where there is no terminal, the first line of standard input. */

const ENTER = [0x0a, 0x0d];
const BACKSPACE = [0x08, 0x7f];
const CTRL_C = 0x03;
const CTRL_D = 0x04;
const MAX_BYTES = 4096;

/** `undefined` when the person gave up, or there is no line. */
export async function readHiddenLine(prompt: string): Promise<string | undefined> {
  if (!Deno.stdin.isTerminal()) return await readLine();
  await Deno.stderr.write(new TextEncoder().encode(prompt));
  Deno.stdin.setRaw(true);
  try {
    return await readLine();
  } finally {
    Deno.stdin.setRaw(false);
    await Deno.stderr.write(new TextEncoder().encode("\n"));
  }
}

async function readLine(): Promise<string | undefined> {
  const typed: number[] = [];
  const byte = new Uint8Array(1);
  while (typed.length < MAX_BYTES) {
    if (await Deno.stdin.read(byte) === null || byte[0] === CTRL_D) {
      return typed.length === 0 ? undefined : textOf(typed);
    }
    if (byte[0] === CTRL_C) return undefined;
    if (ENTER.includes(byte[0])) return textOf(typed);
    if (BACKSPACE.includes(byte[0])) dropCharacter(typed);
    else typed.push(byte[0]);
  }
  return undefined;
}

/** All bytes of the last character: in UTF-8 those after the first are 10xxxxxx. */
function dropCharacter(typed: number[]): void {
  while (typed.length > 0 && (typed.pop()! & 0xc0) === 0x80);
}

function textOf(bytes: readonly number[]): string {
  return new TextDecoder().decode(new Uint8Array(bytes));
}
