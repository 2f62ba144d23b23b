// SPDX-License-Identifier: BSD-3-Clause
import {
  limitFinding,
  linuxFindings,
  type Finding,
  type HostLimit,
} from '../../../../diagnosis/index.js';
import type { HostDoctor } from '../../host-doctor.js';
import type { LauncherSettings } from '../launcher-process.js';
import { linuxuFindings, linuxuLimits } from './checks.js';
import { gatherLinuxuFacts } from './facts.js';

/** How many guests Linux is meant to hold. */
const WANTED_GUESTS = 10_000;

/** Looks at this machine as one that runs unikernels as processes. */
export class LinuxuDoctor implements HostDoctor {
  readonly #settings: LauncherSettings;

  constructor(settings: LauncherSettings) {
    this.#settings = settings;
  }

  async examine(signal: AbortSignal): Promise<readonly Finding[]> {
    const facts = await gatherLinuxuFacts(this.#settings, signal);
    return [
      ...linuxuFindings(facts),
      ...linuxuLimits(facts).map((limit) => limitFinding(limit, WANTED_GUESTS)),
      ...linuxFindings(facts.linux),
    ];
  }

  async limits(signal: AbortSignal): Promise<readonly HostLimit[]> {
    return linuxuLimits(await gatherLinuxuFacts(this.#settings, signal));
  }
}
