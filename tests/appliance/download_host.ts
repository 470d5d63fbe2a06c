/**
 * What a release is downloaded from, as `download_host.ts ADDRESS FOLDER`, until its standard input ends: as GitHub does,
 * it sends who asks for a file of a release to another place. All else that it is asked for is a page of a few words.
 */

import { fromFileUrl } from "@std/path";
import { type Machine, REMOTE_ADDRESS } from "./machine.ts";

const PROGRAM = fromFileUrl(import.meta.url);

/** Serves the files of a folder as those of a release, somewhere in a machine's Internet. Listens once this resolves. */
export async function startDownloadHost(
  machine: Machine,
  folder: string,
): Promise<AsyncDisposable> {
  const argv = [Deno.execPath(), "run", "-A", "--no-check", PROGRAM, REMOTE_ADDRESS, folder];
  const child = machine.startOutside(argv);
  const reader = child.stdout.getReader();
  await reader.read();
  reader.releaseLock();
  return {
    async [Symbol.asyncDispose]() {
      await child.stdin.close();
      await child.stdout.cancel();
      await child.status;
    },
  };
}

async function answer(request: Request, folder: string): Promise<Response> {
  const { pathname, origin } = new URL(request.url);
  const [, file] = /^\/releases\/download\/v[^/]+\/([^/]+)$/.exec(pathname) ?? [];
  if (file !== undefined) return Response.redirect(`${origin}/stored/${file}?for=3600`, 302);
  const [, stored] = /^\/stored\/([^/]+)$/.exec(pathname) ?? [];
  if (stored === undefined) return new Response("a page of a few words\n");
  const { size } = await Deno.stat(`${folder}/${stored}`);
  const { readable } = await Deno.open(`${folder}/${stored}`);
  return new Response(readable, { headers: { "content-length": String(size) } });
}

if (import.meta.main) {
  const [hostname, folder] = Deno.args;
  const onListen = () => console.log("listening");
  Deno.serve({ hostname, port: 80, onListen }, (request) => answer(request, folder));
  await Deno.stdin.readable.pipeTo(new WritableStream());
  Deno.exit(0);
}
