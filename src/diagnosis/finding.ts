// SPDX-License-Identifier: BSD-3-Clause

/** `unknown`: it could not be looked at; `found` says why. */
export type Severity = 'ok' | 'warning' | 'problem' | 'unknown';

/** What one check has to say. */
export interface Finding {
  /** Stable, for programs: what was looked at, as in `xen.autoballoon`. */
  readonly id: string;
  readonly severity: Severity;
  readonly title: string;
  /** What is there. */
  readonly found: string;
  /** Why it matters. */
  readonly why: string;
  /** A command, or a line of a configuration file with the file's name; empty where nothing is to be done. */
  readonly fix: string;
}

/** What a check is about, whatever it finds. */
export type Subject = Pick<Finding, 'id' | 'title' | 'why' | 'fix'>;

/** The finding of a check: what needs no fix shows none. */
export function finding(subject: Subject, severity: Severity, found: string): Finding {
  const { id, title, why } = subject;
  return { id, severity, title, found, why, fix: severity === 'ok' ? '' : subject.fix };
}

/** Something of which a host has only so many, and of which each guest takes some. */
export interface HostLimit extends Subject {
  /** What is counted, as in `processes`. */
  readonly unit: string;
  /** How many there can be; infinite without a bound, null if it could not be found out. */
  readonly most: number | null;
  /** How many the host itself needs. */
  readonly kept: number;
  readonly perGuest: number;
  /** For each vCPU, besides. */
  readonly perVcpu: number;
}

/** How many guests of one vCPU a limit allows; infinite if nothing is known against it. */
export function guestsWithin({ most, kept, perGuest, perVcpu }: HostLimit): number {
  if (most === null) return Infinity;
  return Math.max(0, Math.floor((most - kept) / (perGuest + perVcpu)));
}

/** A limit as a finding. `wanted`: guests that the host is meant to hold; a tenth of it is a problem. */
export function limitFinding(limit: HostLimit, wanted: number): Finding {
  const { most, unit } = limit;
  if (most === null) return finding(limit, 'unknown', 'It could not be read.');
  if (most === Infinity) return finding(limit, 'ok', 'no bound');
  const guests = guestsWithin(limit);
  const severity = guests >= wanted ? 'ok' : guests * 10 >= wanted ? 'warning' : 'problem';
  return finding(limit, severity, `${most} ${unit}: room for ${guests} guests`);
}
