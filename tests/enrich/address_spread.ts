/** Public addresses spread over the Internet: the same ones every time, each another one. */
export function addressSpread(count: number): string[] {
  const addresses = new Set<string>();
  for (let state = 1; addresses.size < count;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0; // a generator of Numerical Recipes
    const first = 1 + (state >>> 24) % 220;
    if (first === 10 || first === 127) continue;
    addresses.add(
      `${first}.${(state >>> 16) & 255}.${(state >>> 8) & 255}.${addresses.size & 255}`,
    );
  }
  return [...addresses];
}
