/** Tellings by mail. The same telling has the same Message-ID, by which a mailbox can tell that it has it. */

// The whole of nodemailer would be half a megabyte more in the executable, and so in the logger's memory.
// @ts-types="../../types/nodemailer_smtp_connection.d.ts"
import SMTPConnection from "nodemailer/smtp-connection";
import type { TellUrl } from "../../service/settings/tell_url.ts";
import { SendFailure } from "../outputs/output.ts";
import { readTlsFiles } from "../outputs/tls_files.ts";
import { mailText } from "./mail_message.ts";
import type { Receiver, ReceiverOptions } from "./receiver.ts";

const TIMEOUT_MS = 30_000;
const [SMTP_PORT, SMTPS_PORT] = [587, 465];

export function mail(receiver: TellUrl, { site }: ReceiverOptions): Receiver {
  const { name, to = [], from = "", output: { user, password } } = receiver;
  return {
    name,
    async tell({ id, title, text, time }, { stop }) {
      const connection = await open(receiver, site);
      const ended = new Promise<never>((_, reject) => {
        const end = (error = new Error("the server has closed the connection")) => reject(error);
        connection.on("error", end);
        connection.on("end", () => end());
        stop.addEventListener("abort", () => end(new Error("stopped")), { once: true });
      });
      ended.catch(() => {});
      const step = (begin: (done: (error?: Error | null) => void) => void) => {
        const done = new Promise<void>((resolve, reject) =>
          begin((error) => error ? reject(error) : resolve())
        );
        done.catch(() => {});
        return Promise.race([done, ended]);
      };
      const message = mailText({
        from,
        to,
        subject: `[${site}] ${title}`,
        text: text + "\n",
        date: new Date(time),
        messageId: `${id}@${site}.wifilogger`,
      });
      try {
        await step((done) => connection.connect(done));
        if (user !== undefined) {
          const auth = { user, pass: password?.reveal() ?? "" };
          await step((done) => connection.login(auth, done));
        }
        await step((done) => connection.send({ from, to }, message, done));
        connection.quit();
      } catch (error) {
        connection.close();
        throw failureOf(error as Error & { code?: string; responseCode?: number });
      }
    },
    close: () => {},
  };
}

async function open(
  { output, isTlsFirst = false }: TellUrl,
  site: string,
): Promise<SMTPConnection> {
  const { url, user } = output;
  const { caCerts } = await readTlsFiles(output);
  return new SMTPConnection({
    host: url.hostname.replace(/^\[|\]$/g, ""),
    // The port of http is left out of a URL that is one.
    port: Number(url.port || (isTlsFirst ? SMTPS_PORT : SMTP_PORT)),
    secure: isTlsFirst,
    // A password does not travel in the open.
    requireTLS: !isTlsFirst && user !== undefined,
    name: site,
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
