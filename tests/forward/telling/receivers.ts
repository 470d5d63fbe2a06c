/** Servers that the tests tell: they answer as ntfy, a webhook and a mail server do, or fail as these may. */

/** What an HTTP server got. */
export interface Posted {
  readonly path: string;
  readonly headers: Headers;
  readonly body: string;
}

/** How a server answers from now on: as it should, with a status, or not before so many milliseconds are over. */
export interface Behaviour {
  status?: number;
  delayMs?: number;
}

/** A topic of an ntfy server, which gives back what it has when it is polled; and any other path. */
export function httpServer() {
  const posted: Posted[] = [];
  const behaviour: Behaviour = {};
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { pathname, searchParams } = new URL(request.url);
      const { status = 200, delayMs = 0 } = behaviour;
      if (searchParams.get("poll") === "1") {
        const since = Number(searchParams.get("since"));
        const lines = posted.map(({ body }) => ({
          event: "message",
          time: since,
          ...JSON.parse(body),
        }));
        return new Response(lines.map((line) => JSON.stringify(line) + "\n").join(""));
      }
      const body = await request.text();
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      if (status === 200) posted.push({ path: pathname, headers: request.headers, body });
      return new Response(status === 200 ? "{}" : "no\n", { status });
    },
  );
  return {
    host: `127.0.0.1:${server.addr.port}`,
    posted,
    behaviour,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** A mail as it came. */
export interface Received {
  readonly from: string;
  readonly to: readonly string[];
  readonly data: string;
}

/** A mail server (RFC 5321), in the open or over TLS, that may refuse recipients or say nothing at all. */
export function mailServer(tls?: { readonly cert: string; readonly key: string }) {
  const received: Received[] = [];
  const behaviour: { refuses?: boolean; isSilent?: boolean } = {};
  const address = { hostname: "127.0.0.1", port: 0 };
  const listener = tls === undefined
    ? Deno.listen(address)
    : Deno.listenTls({ ...address, ...tls });
  const connections = new Set<Deno.Conn>();
  const serving = (async () => {
    for await (const connection of listener as AsyncIterable<Deno.Conn>) {
      connections.add(connection);
      serve(connection, received, behaviour).catch(() => {}).finally(() => {
        connections.delete(connection);
        try {
          connection.close();
        } catch {
          // The client was first.
        }
      });
    }
  })();
  return {
    host: `127.0.0.1:${(listener.addr as Deno.NetAddr).port}`,
    received,
    behaviour,
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const connection of connections) connection.close();
      await serving.catch(() => {});
    },
  };
}

async function serve(
  connection: Deno.Conn,
  received: Received[],
  behaviour: { refuses?: boolean; isSilent?: boolean },
): Promise<void> {
  if (behaviour.isSilent) {
    await connection.read(new Uint8Array(1));
    return;
  }
  const say = (line: string) => connection.write(new TextEncoder().encode(line + "\r\n"));
  await say("220 test ESMTP");
  let [text, from, data] = ["", "", ""];
  let to: string[] = [];
  let isInData = false;
  for await (const chunk of connection.readable) {
    text += new TextDecoder().decode(chunk);
    for (let end; (end = text.indexOf("\r\n")) >= 0;) {
      const line = text.slice(0, end);
      text = text.slice(end + 2);
      if (isInData) {
        if (line !== ".") {
          data += line.replace(/^\.\./, ".") + "\n";
          continue;
        }
        received.push({ from, to, data });
        [isInData, data, to] = [false, "", []];
        await say("250 taken");
      } else if (/^EHLO/i.test(line)) await say("250-test\r\n250-AUTH PLAIN\r\n250 8BITMIME");
      else if (/^MAIL FROM/i.test(line)) {
        from = /<(.*?)>/.exec(line)![1];
        await say("250 ok");
      } else if (/^RCPT TO/i.test(line)) {
        if (behaviour.refuses) await say("550 nobody of that name");
        else {
          to.push(/<(.*?)>/.exec(line)![1]);
          await say("250 ok");
        }
      } else if (/^DATA/i.test(line)) {
        isInData = true;
        await say("354 go on");
      } else if (/^AUTH PLAIN /i.test(line)) {
        // RFC 4616: nothing, the user and the password, each behind a NUL.
        const isRight = atob(line.split(" ")[2]) === "\0pi\0hunter2";
        await say(isRight ? "235 welcome" : "535 who are you?");
      } else if (/^STARTTLS/i.test(line)) await say("502 not here");
      else if (/^QUIT/i.test(line)) {
        await say("221 bye");
        return;
      } else await say("250 ok");
    }
  }
}
