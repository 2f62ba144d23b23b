// SPDX-License-Identifier: BSD-3-Clause

/** Exit codes of `unicore`. `run --attach` ends with the guest's own exit code instead of 0. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  unreachable: 3,
  refused: 4,
  notFound: 5,
} as const;

/** An error that ends the command with a message for people and a code for programs. */
export class CommandError extends Error {
  override readonly name = 'CommandError';

  constructor(
    message: string,
    readonly exitCode: number = EXIT.failed,
    /** The problem document, where the daemon sent one. */
    readonly problem?: unknown,
  ) {
    super(message);
  }
}
