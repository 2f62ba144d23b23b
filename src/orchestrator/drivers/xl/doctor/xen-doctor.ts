// SPDX-License-Identifier: BSD-3-Clause
import {
  limitFinding,
  linuxFindings,
  type Finding,
  type HostLimit,
} from '../../../../diagnosis/index.js';
import type { HostDoctor } from '../../host-doctor.js';
import type { Dom0 } from '../../dom0/index.js';
import { dom0Findings, dom0Limits } from './dom0-checks.js';
import { gatherDom0Facts } from './dom0-facts.js';

/** How many guests a Xen host is meant to hold. */
const WANTED_GUESTS = 1_000;

/** Looks at a Xen host, whoever makes its domains. */
export class XenDoctor implements HostDoctor {
  readonly #dom0: Dom0;

  constructor(dom0: Dom0) {
    this.#dom0 = dom0;
  }

  async examine(signal: AbortSignal): Promise<readonly Finding[]> {
    const facts = await gatherDom0Facts(this.#dom0, signal);
    return [
      ...dom0Findings(facts),
      ...dom0Limits(facts).map((limit) => limitFinding(limit, WANTED_GUESTS)),
      ...linuxFindings(facts.linux),
    ];
  }

  async limits(signal: AbortSignal): Promise<readonly HostLimit[]> {
    return dom0Limits(await gatherDom0Facts(this.#dom0, signal));
  }
}
