/** What kind of machine the figures are of. */

/** A line: processor, memory, kernel, program, and how busy the machine was before. */
export async function machineText(binary: string): Promise<string> {
  const cpu = /^model name\s*: (.*)$/m.exec(await Deno.readTextFile("/proc/cpuinfo"))?.[1];
  const { stdout } = await new Deno.Command(binary, { args: ["--version"] }).output();
  const version = new TextDecoder().decode(stdout).split("\n")[0];
  const gigabytes = Math.round(Deno.systemMemoryInfo().total / 1e9);
  const date = new Date().toISOString().slice(0, 10);
  return `${date}, ${version}, on ${navigator.hardwareConcurrency} cores of ${
    cpu ?? "an unnamed"
  } ` +
    `(${Deno.build.arch}), ${gigabytes} GB, Linux ${Deno.osRelease()}; ` +
    `load before: ${Deno.loadavg()[0].toFixed(1)}`;
}
