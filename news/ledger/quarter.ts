/** The unit of a ledger's times: hours begin at whole quarters of an hour in every time zone. */
export const QUARTER_MS = 15 * 60e3;
