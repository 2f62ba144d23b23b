// SPDX-License-Identifier: BSD-3-Clause

/** Why a command has no result: it could not be started, or it was ended by us. */
export type CommandFailure = 'not-found' | 'not-started' | 'timed-out' | 'output-too-large';

/** A command that did not come to its own end. A command that ended with a failure of its own is a result, not an error. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly failure: CommandFailure;

  constructor(failure: CommandFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}

/** Whether `error` is a `CommandError`, with this failure if one is given. */
export function isCommandError(error: unknown, failure?: CommandFailure): error is CommandError {
  return error instanceof CommandError && (failure === undefined || error.failure === failure);
}
