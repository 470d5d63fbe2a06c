/** Tellings by mail. The same telling has the same Message-ID, by which a mailbox can tell that it has it. */

// @ts-types="../../types/nodemailer.d.ts"
import { createTransport, type Transport } from "nodemailer";
import type { TellUrl } from "../../service/settings/tell_url.ts";
import { SendFailure } from "../outputs/output.ts";
import { readTlsFiles } from "../outputs/tls_files.ts";
import type { Receiver, ReceiverOptions } from "./receiver.ts";

const TIMEOUT_MS = 30_000;
const [SMTP_PORT, SMTPS_PORT] = [587, 465];

export function mail(receiver: TellUrl, { site }: ReceiverOptions): Receiver {
  const { name, to = [], from = "" } = receiver;
  return {
    name,
    async tell({ id, title, text, time }, { stop }) {
      const transport = await open(receiver);
      const stopped = new Promise<never>((_, reject) => {
        stop.addEventListener("abort", () => reject(new Error("stopped")), { once: true });
      });
      stopped.catch(() => {});
      try {
        const sent = transport.sendMail({
          from,
          to,
          subject: `[${site}] ${title}`,
          text: text + "\n",
          date: new Date(time),
          messageId: `<${id}@${site}.wifilogger>`,
          headers: { "Auto-Submitted": "auto-generated" },
        });
        sent.catch(() => {});
        await Promise.race([sent, stopped]);
      } catch (error) {
        throw failureOf(error as Error & { code?: string; responseCode?: number });
      } finally {
        transport.close();
      }
    },
    close: () => {},
  };
}

async function open({ output, isTlsFirst = false }: TellUrl): Promise<Transport> {
  const { url, user, password } = output;
  const { caCerts } = await readTlsFiles(output);
  return createTransport({
    host: url.hostname.replace(/^\[|\]$/g, ""),
    // The port of http is left out of a URL that is one.
    port: Number(url.port || (isTlsFirst ? SMTPS_PORT : SMTP_PORT)),
    secure: isTlsFirst,
    // A password does not travel in the open.
    requireTLS: !isTlsFirst && user !== undefined,
    ...(user !== undefined && { auth: { user, pass: password?.reveal() ?? "" } }),
    ...(caCerts && { tls: { ca: caCerts } }),
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
  });
}

/** The message of a mail server says what it answered, and holds no password. */
function failureOf({ message, code, responseCode = 0 }: Error & {
  code?: string;
  responseCode?: number;
}): SendFailure {
  const [line] = message.split("\n", 1);
  const isDenied = code === "EAUTH" || code === "ETLS" || /certificate/i.test(line);
  // RFC 5321, section 4.2.1: 5yz is for good, but a person may mend it.
  return new SendFailure(isDenied || responseCode >= 500 ? "denied" : "unreachable", line);
}
