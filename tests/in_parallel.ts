/** Does the same to many items, as many at a time as there are processors. */
export async function inParallel<T>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = items.values();
  const workers = Array.from({ length: navigator.hardwareConcurrency }, async () => {
    for (const item of waiting) await work(item);
  });
  await Promise.all(workers);
}
