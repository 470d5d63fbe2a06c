/**
 * The soak's links, in the namespaces that this process runs in: two cables to a machine `far`, which stands for the
 * household and the Internet at once. The default route goes through one of them; there the logger listens.
 */

/** One of the cables; its ends are `a0` here and `a1` there. */
export type Cable = "a" | "b";

const ADDRESS: Readonly<Record<Cable, string>> = { a: "10.9.1", b: "10.9.2" };

/** The cables. */
export class Links {
  /** The one that the default route goes through. */
  used: Cable = "a";

  /** Lays both. */
  async lay(): Promise<void> {
    await run("ip link set lo up; ip netns add far");
    for (const at of ["", "ip netns exec far "]) {
      await run(`${at}sh -c 'echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6'`);
    }
    for (const cable of ["a", "b"] as const) await this.#layOne(cable);
    await this.#route();
  }

  async down(): Promise<void> {
    await run(`ip link set ${this.used}0 down`);
  }

  async up(): Promise<void> {
    await run(`ip link set ${this.used}0 up`);
    await this.#route();
  }

  async rename(): Promise<void> {
    const { used } = this;
    await run(`ip link set ${used}0 down; ip link set ${used}0 name other0; ip link set other0 up`);
  }

  async renameBack(): Promise<void> {
    const { used } = this;
    await run(
      `ip link set other0 down; ip link set other0 name ${used}0; ip link set ${used}0 up`,
    );
    await this.#route();
  }

  async remove(): Promise<void> {
    await run(`ip link delete ${this.used}0`);
  }

  async makeAnew(): Promise<void> {
    await this.#layOne(this.used);
    await this.#route();
  }

  /** Another address, for a while. */
  async changeAddress(isOther: boolean): Promise<void> {
    const [old, now] = isOther ? [1, 7] : [7, 1];
    const { used } = this;
    await run(`ip address delete ${ADDRESS[used]}.${old}/24 dev ${used}0
      ip address add ${ADDRESS[used]}.${now}/24 dev ${used}0`);
    await this.#route();
  }

  async changeMtu(mtu: number): Promise<void> {
    await run(`ip link set ${this.used}0 mtu ${mtu}`);
  }

  /** Moves the default route to the other cable. */
  async move(): Promise<void> {
    this.used = this.used === "a" ? "b" : "a";
    await this.#route();
  }

  async #route(): Promise<void> {
    await run(`ip route replace default via ${ADDRESS[this.used]}.2 dev ${this.used}0`);
  }

  async #layOne(cable: Cable): Promise<void> {
    await run(`
      ip link add ${cable}0 type veth peer name ${cable}1 netns far
      ip netns exec far ip link set ${cable}1 up
      ip link set ${cable}0 up
      ip address add ${ADDRESS[cable]}.1/24 dev ${cable}0`);
  }
}

/** Runs a script of the shell. @throws {Error} with what it said, when it fails */
export async function run(script: string): Promise<void> {
  const { success, stderr } = await new Deno.Command("sh", {
    args: ["-euc", script],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`${script}: ${new TextDecoder().decode(stderr)}`);
}
