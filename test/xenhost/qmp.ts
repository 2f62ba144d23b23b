// SPDX-License-Identifier: BSD-3-Clause
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

interface QmpReply {
  readonly return?: unknown;
  readonly error?: { readonly class: string; readonly desc: string };
}

/**
 * Sends one command to a QEMU monitor and returns its result (QEMU Machine Protocol, docs/interop/qmp-spec in QEMU).
 * @param socketPath the unix socket of `-qmp`
 * @param deadlineMs how long to wait for the answer
 */
export async function qmp(
  socketPath: string,
  command: string,
  args: Readonly<Record<string, unknown>> = {},
  deadlineMs = 60_000,
): Promise<unknown> {
  const socket = connect(socketPath);
  socket.setTimeout(deadlineMs, () => socket.destroy(new Error(`QEMU did not answer ${command}`)));
  try {
    const lines = createInterface({ input: socket });
    // The greeting comes first; then each command has one reply, between events that are none of ours.
    const requests = [{ execute: 'qmp_capabilities' }, { execute: command, arguments: args }];
    for await (const line of lines) {
      const message = JSON.parse(line) as QmpReply & { QMP?: unknown };
      if (message.error) {
        throw new Error(`QEMU refused ${command}: ${message.error.desc}`);
      }
      if (message.QMP === undefined && message.return === undefined) {
        continue;
      }
      const next = requests.shift();
      if (next === undefined) {
        return message.return;
      }
      socket.write(`${JSON.stringify(next)}\n`);
    }
    throw new Error(`QEMU closed its monitor before it answered ${command}`);
  } finally {
    socket.destroy();
  }
}

/** Runs one command of QEMU's human monitor. Its output is what it has to say, which for most is an error or nothing. */
export async function humanMonitor(socketPath: string, commandLine: string): Promise<string> {
  const output = await qmp(socketPath, 'human-monitor-command', { 'command-line': commandLine });
  return String(output).trim();
}
