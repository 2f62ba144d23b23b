// SPDX-License-Identifier: BSD-3-Clause

/** A platform × architecture, as in `kvm-x86_64`: what one image is built for. */
export type Target = `${string}-${string}`;

/** Platform and architecture of a target. */
export interface TargetParts {
  readonly platform: string;
  readonly architecture: string;
}

const TARGET = /^([a-z][a-z0-9]{0,31})-([a-z][a-z0-9_]{0,31})$/;

/** The parts of a target's name, or null if it is not shaped like one. */
export function parseTarget(name: string): TargetParts | null {
  const match = TARGET.exec(name);
  return match?.[1] === undefined || match[2] === undefined
    ? null
    : { platform: match[1], architecture: match[2] };
}

/** The architecture of a target. */
export function architectureOf(target: Target): string {
  return target.slice(target.indexOf('-') + 1);
}

/** Whether `name` is shaped like a target. It may still be one that no pool provides. */
export function isTarget(name: string): name is Target {
  return TARGET.test(name);
}
