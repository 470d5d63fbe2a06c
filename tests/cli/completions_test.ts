/** The completions, in the shells themselves. */

import { join } from "@std/path";
import { assert, assertEquals } from "../assert.ts";
import { wifilogger } from "../program.ts";
import { lacks, testWhen } from "../skip.ts";

async function scriptFor(shell: string): Promise<string> {
  const { code, stdout, stderr } = await wifilogger(["completions", shell]);
  assertEquals([code, stderr], [0, ""]);
  return stdout;
}

/** Runs a shell with a folder that holds the script as `completion`, `capture.pcap` and the folder `captures`. */
async function inShell(shell: string, args: string[]): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(join(folder, "completion"), await scriptFor(shell));
    await Deno.writeTextFile(join(folder, "capture.pcap"), "");
    await Deno.mkdir(join(folder, "captures"));
    const { stdout, stderr } = await new Deno.Command(shell, {
      args,
      cwd: folder,
      env: { HOME: folder, TERM: "dumb", XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder },
      stdin: "null",
    }).output();
    assertEquals(new TextDecoder().decode(stderr), "");
    return new TextDecoder().decode(stdout);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Asks bash for what completes the last of the words. */
async function bash(questions: readonly string[][]): Promise<string[][]> {
  const asked = questions.map((words) => {
    const list = words.map((word) => `'${word}'`).join(" ");
    return `COMP_WORDS=(wifilogger ${list}); COMP_CWORD=${words.length}; _wifilogger; echo "\${COMPREPLY[*]}"`;
  });
  const script = ["set -u", ". ./completion", ...asked].join("\n");
  const lines = (await inShell("bash", ["--norc", "-c", script])).split("\n").slice(0, -1);
  return lines.map((line) => line.split(" ").filter(Boolean).sort());
}

testWhen(
  lacks({ commands: ["bash"] }),
  "bash completes commands, flags, words and files",
  async () => {
    const complete = await inShell("bash", ["-c", ". ./completion; complete -p wifilogger"]);
    assertEquals(complete, "complete -F _wifilogger wifilogger\n");
    const [
      commands,
      flags,
      words,
      joined,
      files,
      folders,
      operand,
      shells,
      unnamed,
      free,
      networks,
    ] = await bash([
      ["st"],
      ["status", "--"],
      ["status", "--format", ""],
      ["read", "--format", "=", "j"],
      ["run", "--ram-log", "cap"],
      ["--archive-dir", "cap"],
      ["read", "cap"],
      ["completions", ""],
      ["--interface", "eth0", "--reverse-dns", ""],
      ["tail", "--since", ""],
      ["-i", "l"],
    ]);
    assertEquals(commands, ["status"]);
    assertEquals(flags, ["--control-socket", "--debug", "--format", "--help"]);
    assertEquals(words, ["json", "text"]);
    assertEquals(joined, ["json"]);
    assertEquals(files, ["capture.pcap", "captures"]);
    assertEquals(folders, ["captures"]);
    assertEquals(operand, ["capture.pcap", "captures"]);
    assertEquals(shells, ["bash", "fish", "zsh"]);
    assertEquals(unnamed, ["off", "on"]);
    assertEquals(free, []);
    assert(networks.includes("lo"));
  },
);

testWhen(
  lacks({ commands: ["fish"] }),
  "fish completes commands, flags, words and files",
  async () => {
    const questions = ["st", "status --fo", "status --format ", "read cap", "completions z"];
    const script = `source ./completion; ${
      questions.map((words) => `complete -C 'wifilogger ${words}'; echo`).join("; ")
    }`;
    const answers = (await inShell("fish", ["--no-config", "-c", script])).split("\n\n")
      .map((answer) =>
        answer.split("\n").map((line) => line.split("\t")[0]).filter(Boolean).sort()
      );
    assertEquals(answers.slice(0, questions.length), [
      ["status"],
      ["--format"],
      ["json", "text"],
      ["capture.pcap", "captures/"],
      ["zsh"],
    ]);
  },
);

testWhen(
  lacks({ commands: ["zsh"] }),
  "zsh completes commands, flags, words and files",
  async () => {
    // A zsh on a terminal of its own, which types tabs; a function in the program's place shows what came of it.
    const script = `
    zmodload zsh/zpty
    zpty shell zsh -f -i
    zpty -w shell 'PS1=; autoload -U compinit; compinit -u -D; source ./completion; unsetopt beep'
    zpty -w shell 'wifilogger() { print -r -- "<""<$*>"">" }'
    for typed in $'stat\\t --form\\tj\\t' $'read capture.p\\t' $'completions fi\\t' $'run --reverse-dns=of\\t'; do
      zpty -w shell "wifilogger $typed"
      zpty -r -m shell output $'*<<*>>*'
      print -r -- "\${\${output##*<<}%%>>*}"
    done`;
    const answers = (await inShell("zsh", ["-f", "-c", script])).split("\n")
      .map((line) => line.trim().replaceAll(/ +/g, " "));
    assertEquals(answers.filter(Boolean), [
      "status --format=json",
      "read capture.pcap",
      "completions fish",
      "run --reverse-dns=off",
    ]);
  },
);
