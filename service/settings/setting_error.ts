/** A setting that cannot be used; the message names it, its value, why, and what to write instead. */
export class SettingError extends Error {
  override name = "SettingError";
}
