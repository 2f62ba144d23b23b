// SPDX-License-Identifier: BSD-3-Clause
import {
  finding,
  limitFinding,
  linuxFindings,
  type Finding,
  type HostLimit,
} from '../../../../diagnosis/index.js';
import type { HostDoctor } from '../../host-doctor.js';
import { libvirtFindings, libvirtLimits } from './checks.js';
import { localLibvirt } from './endpoint.js';
import { gatherLibvirtFacts } from './facts.js';

/** How many guests a QEMU host is meant to hold. */
const WANTED_GUESTS = 500;

const ELSEWHERE = {
  id: 'libvirt.machine',
  title: 'The machine of libvirt',
  why: 'Bounds of processes and files, KVM and the like can only be seen on the machine itself.',
  fix: 'run unicored on that machine and ask it there',
};

/** Looks at the QEMU of a libvirtd on this machine. Of others there is nothing to be seen. */
export class LibvirtDoctor implements HostDoctor {
  readonly #uri: string;

  constructor(uri: string) {
    this.#uri = uri;
  }

  async examine(signal: AbortSignal): Promise<readonly Finding[]> {
    const local = localLibvirt(this.#uri);
    if (local === null) return [finding(ELSEWHERE, 'unknown', 'it is not this one')];
    const facts = await gatherLibvirtFacts(local, signal);
    return [
      ...libvirtFindings(facts),
      ...libvirtLimits(facts).map((limit) => limitFinding(limit, WANTED_GUESTS)),
      ...linuxFindings(facts.linux),
    ];
  }

  async limits(signal: AbortSignal): Promise<readonly HostLimit[]> {
    const local = localLibvirt(this.#uri);
    return local === null ? [] : libvirtLimits(await gatherLibvirtFacts(local, signal));
  }
}
