// SPDX-License-Identifier: BSD-3-Clause
export { CommandError, isCommandError, type CommandFailure } from './command-error.js';
export { processStartTime, signalProcessGroup } from './process-group.js';
export {
  MINIMAL_ENVIRONMENT,
  runCommand,
  type CommandOptions,
  type CommandResult,
  type OutputStream,
} from './run-command.js';
