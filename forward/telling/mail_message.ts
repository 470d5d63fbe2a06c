/** A mail of plain text (RFC 5322), whatever characters it has. */

/** What a mail says. */
export interface MailMessage {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly date: Date;
  /** Without its angle brackets. */
  readonly messageId: string;
}

/** Bytes of a word of a subject: as base64 it has at most the 75 characters of RFC 2047, section 2. */
const WORD_BYTES = 45;
/** RFC 2045, section 6.8. */
const BODY_LINE = 76;

/** Lines end in CR LF. Addresses must hold no controls. */
export function mailText({ from, to, subject, text, date, messageId }: MailMessage): string {
  const body = base64(new TextEncoder().encode(text));
  return [
    `From: wifilogger <${from}>`,
    `To: ${to.map((address) => `<${address}>`).join(",\r\n ")}`,
    `Subject: ${encodedWords(subject)}`,
    `Date: ${date.toUTCString().replace("GMT", "+0000")}`,
    `Message-ID: <${messageId}>`,
    "Auto-Submitted: auto-generated",
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: base64",
    "",
    ...body.match(new RegExp(`.{1,${BODY_LINE}}`, "g")) ?? [],
    "",
  ].join("\r\n");
}

/** RFC 2047: words in base64, none of which cuts a character. */
function encodedWords(text: string): string {
  const words: string[] = [];
  let word = "";
  const encoder = new TextEncoder();
  for (const character of text) {
    if (encoder.encode(word + character).length > WORD_BYTES) {
      words.push(word);
      word = "";
    }
    word += character;
  }
  return [...words, word].map((one) => `=?UTF-8?B?${base64(encoder.encode(one))}?=`).join("\r\n ");
}

function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}
