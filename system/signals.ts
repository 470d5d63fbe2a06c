/** Signals that a running logger acts on; those that stop it are the command's. */

/** What is done for each signal. */
export type SignalActions = Readonly<Partial<Record<"SIGHUP" | "SIGUSR1", () => void>>>;

/** Acts on signals until it is disposed of. */
export function onSignals(actions: SignalActions): Disposable {
  const entries = Object.entries(actions) as [Deno.Signal, () => void][];
  for (const [signal, action] of entries) Deno.addSignalListener(signal, action);
  return {
    [Symbol.dispose]() {
      for (const [signal, action] of entries) Deno.removeSignalListener(signal, action);
    },
  };
}
