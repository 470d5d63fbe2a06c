/** Where this process's user is at home. */

/** The home folder that `/etc/passwd` names for this process's user; `undefined` when the user is not in it. */
export function loginHome(passwdPath = "/etc/passwd"): string | undefined {
  const uid = String(Deno.uid());
  // name:password:uid:gid:comment:home:shell, passwd(5)
  return Deno.readTextFileSync(passwdPath).split("\n").map((line) => line.split(":"))
    .find((fields) => fields[2] === uid)?.[5];
}
