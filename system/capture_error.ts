/** Why a source of packets could not be opened or read; `kind` tells the caller what to do about it. */
export class CaptureError extends Error {
  override name = "CaptureError";

  constructor(
    readonly kind:
      | "library_missing"
      | "no_permission"
      | "no_such_interface"
      | "interface_down"
      | "unsupported"
      | "unreadable",
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
