/** What is used of nodemailer's `SMTPConnection`. */

export interface ConnectionOptions {
  host: string;
  port: number;
  /** Whether TLS comes first. */
  secure: boolean;
  /** Whether STARTTLS must work. */
  requireTLS: boolean;
  /** What this machine calls itself. */
  name: string;
  tls?: { ca?: string[] };
  connectionTimeout: number;
  greetingTimeout: number;
  socketTimeout: number;
}

type Done = (error?: Error | null) => void;

export default class SMTPConnection {
  constructor(options: ConnectionOptions);
  on(event: "error", listener: (error: Error) => void): void;
  on(event: "end", listener: () => void): void;
  connect(done: Done): void;
  login(auth: { user: string; pass: string }, done: Done): void;
  /** Gives the error also when one of the recipients is refused and others are not: in `info.rejectedErrors`. */
  send(
    envelope: { from: string; to: readonly string[] },
    message: string,
    done: (error: Error | null, info?: { rejected: readonly string[] }) => void,
  ): void;
  quit(): void;
  close(): void;
}
