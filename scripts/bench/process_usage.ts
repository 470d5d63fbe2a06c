/** What a running process has taken so far, from /proc. */

/** CPU time of all its threads, those that have ended too. The kernel counts in hundredths of a second here. */
export function cpuSeconds(pid: number): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  // Behind "pid (any name)": state is field 3; utime and stime are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** How often its threads have gone to sleep: each time something had woken them. */
export function wakeUps(pid: number): number {
  let sum = 0;
  for (const { name } of Deno.readDirSync(`/proc/${pid}/task`)) {
    const status = Deno.readTextFileSync(`/proc/${pid}/task/${name}/status`);
    sum += Number(/^voluntary_ctxt_switches:\s*(\d+)/m.exec(status)![1]);
  }
  return sum;
}

/** Memory, in bytes. */
export interface Memory {
  /** All that is resident. */
  readonly resident: number;
  /** Of it, what is of no file: the rest are the rings, and pages of the program's own, which the kernel may drop. */
  readonly anonymous: number;
}

/** What the process holds now. `Pss` and `Private` would say the same: nobody else maps the program's file. */
export function memory(pid: number): Memory {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const bytes = (name: string) =>
    1024 * Number(new RegExp(`^${name}:\\s*(\\d+) kB`, "m").exec(status)![1]);
  return { resident: bytes("VmRSS"), anonymous: bytes("RssAnon") };
}

/** The most that was resident since it started, in bytes. */
export function mostResident(pid: number): number {
  return 1024 *
    Number(/^VmHWM:\s*(\d+) kB/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))![1]);
}
