/** What is used of `nodemailer`, which comes without types. */

export interface TransportOptions {
  host: string;
  port: number;
  secure: boolean;
  requireTLS: boolean;
  auth?: { user: string; pass: string };
  tls?: { ca?: string[] };
  connectionTimeout: number;
  greetingTimeout: number;
  socketTimeout: number;
}

export interface Mail {
  from: string;
  to: readonly string[];
  subject: string;
  text: string;
  date: Date;
  messageId: string;
  headers: Record<string, string>;
}

export interface Transport {
  sendMail(mail: Mail): Promise<unknown>;
  close(): void;
}

export function createTransport(options: TransportOptions): Transport;
