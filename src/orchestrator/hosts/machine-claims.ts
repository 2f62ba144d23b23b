// SPDX-License-Identifier: BSD-3-Clause

/** Which host looks after which machine, for machines that only one may look after: the first that answered. */
export class MachineClaims {
  readonly #hosts = new Map<string, string>();

  /** Claims a machine for a host. The host that has it already, if that is another one; else null. */
  claim(host: string, machineId: string): string | null {
    const holder = this.#hosts.get(machineId) ?? host;
    this.#hosts.set(machineId, holder);
    return holder === host ? null : holder;
  }
}
