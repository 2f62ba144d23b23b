// SPDX-License-Identifier: BSD-3-Clause
import { UnicoreError } from '../../errors/index.js';

/** A place in a Kconfig or `.config` file. Lines count from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
}

/** `file:line`, as compilers write it. */
export function formatPosition(position: Position): string {
  return `${position.file}:${position.line}`;
}

/** A Kconfig tree that cannot be loaded. The message begins with the place at fault. */
export class KconfigError extends UnicoreError {
  readonly position: Position;

  constructor(position: Position, detail: string) {
    super('CONFIGURATION_FAILED', `${formatPosition(position)}: ${detail}`);
    this.position = position;
  }
}

/** Something odd that does not stop the work, worded as `kconfig-conf` words it where it has a wording. */
export interface KconfigWarning {
  readonly position: Position | null;
  readonly message: string;
}

/** A warning as one line of text, as it goes to standard error. */
export function formatWarning(warning: KconfigWarning): string {
  return warning.position === null
    ? `warning: ${warning.message}`
    : `${formatPosition(warning.position)}:warning: ${warning.message}`;
}
