/** The notes of a release: what is new in it, and how it is installed, as the README has it. */

/** What stands in the README for the address of the project's page, which only who publishes knows. */
const ADDRESS = "ADDRESS";

/** The README's three lines: download, install, look. `address`: of the project's page. @throws {Error} when there are none */
export function installLines(readme: string, address: string): string {
  const lines = /^```sh\n(wget [^`]*)```$/m.exec(readme)?.[1];
  if (!lines?.includes(ADDRESS)) {
    throw new Error("README.md has no block of commands that begins with wget ADDRESS/");
  }
  return lines.replaceAll(ADDRESS, address);
}

/** What notes are made of. */
export interface NotesParts {
  /** Of the version, from CHANGELOG.md. */
  readonly news: string;
  readonly readme: string;
  /** Of the project's page; without one, the notes do not tell how to install. */
  readonly address?: string;
}

/** In Markdown. */
export function releaseNotes({ news, readme, address }: NotesParts): string {
  if (address === undefined) return `${news}\n`;
  const lines = installLines(readme, address);
  return `On a Raspberry Pi (for a PC, \`amd64\` instead of \`arm64\`):

\`\`\`sh
${lines}\`\`\`

${news}
`;
}

/** The address of the project's page, where GitHub's runner says it. */
export function publishedAt(env: Pick<typeof Deno.env, "get">): string | undefined {
  const [server, repository] = ["GITHUB_SERVER_URL", "GITHUB_REPOSITORY"].map((name) =>
    env.get(name)
  );
  return server && repository ? `${server}/${repository}` : undefined;
}
