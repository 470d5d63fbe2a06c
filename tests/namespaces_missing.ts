import { NamespacesUnavailable } from "../scripts/household/private_namespaces.ts";

/** Why a rig of private namespaces cannot be opened here; null when it can. */
export async function whyNoNamespaces(
  open: () => Promise<AsyncDisposable>,
): Promise<string | null> {
  try {
    await using _rig = await open();
    return null;
  } catch (error) {
    if (error instanceof NamespacesUnavailable) return error.message;
    throw error;
  }
}
