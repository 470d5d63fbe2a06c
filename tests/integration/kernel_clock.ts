/** A kernel that says of its clock what a test needs, whatever the machine's own has to say. */

/** Answers of adjtimex(2): the clock is kept by the network, or nobody has set it (`TIME_ERROR`). */
const STATES = { synced: 0, unsynced: 5 };

/**
 * Words to start a program behind, so that the kernel tells it that; takes strace and root. The program stays the process
 * that is started.
 */
export function withKernelClock(state: keyof typeof STATES): string[] {
  const calls = "adjtimex,clock_adjtime";
  return [
    ...["strace", "-D", "-f", "--seccomp-bpf", "-o", "/dev/null"],
    ...["-e", `trace=${calls}`, "-e", `inject=${calls}:retval=${STATES[state]}`],
  ];
}
