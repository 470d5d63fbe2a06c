/** A word that means no device, or several; the message says which. */
export class NoOneDevice extends Error {
  override name = "NoOneDevice";
}
