import { provideRuntimeBase, TARGETS } from "../../scripts/runtime_base.ts";

/** Why nothing can be compiled for a machine of this kind; null when it can. */
export async function whyNoRuntimeBase(): Promise<string | null> {
  try {
    await provideRuntimeBase(TARGETS[Deno.build.arch], Deno.env.get("DENO_DIR")!);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}
