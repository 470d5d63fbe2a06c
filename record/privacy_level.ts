/** How much of a flow is kept. */

/** From everything to the least; each level hides what the one before it hides, and more. */
export const PRIVACY_LEVELS = ["full", "sites", "devices", "totals"] as const;
export type PrivacyLevel = (typeof PRIVACY_LEVELS)[number];

/** A level that hides something. */
export type HidingLevel = Exclude<PrivacyLevel, "full">;
