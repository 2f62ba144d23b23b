// SPDX-License-Identifier: BSD-3-Clause
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { access, copyFile, mkdir, rename } from 'node:fs/promises';
import { createConnection, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { messageOf, UnicoreError } from '../../../errors/index.js';
import { isCommandError, MINIMAL_ENVIRONMENT, runCommand } from '../../../process/index.js';
import type { Dom0, Dom0Options, Dom0Result, Dom0Stream } from './dom0.js';
import { tethered } from './tethered.js';

/** What a command in dom0 may print at most: `xl list -l` of thousands of domains is several megabytes. */
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** The dom0 that the daemon runs in. */
export class LocalDom0 implements Dom0 {
  readonly description: string = 'this machine';

  run(command: readonly string[], options: Dom0Options): Promise<Dom0Result> {
    return runProgram(command, options);
  }

  stream(command: readonly string[]): Dom0Stream {
    return streamProgram(tethered(command));
  }

  connect(path: string): Promise<Socket> {
    return connectSocket(path, this.description);
  }

  async put(localPath: string, path: string): Promise<void> {
    if (await exists(path)) return;
    await mkdir(dirname(path), { recursive: true, mode: 0o755 });
    const temporary = `${path}.${randomUUID()}`;
    await copyFile(localPath, temporary, constants.COPYFILE_FICLONE);
    await rename(temporary, path);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Connects to a Unix socket of this machine with the errors of `Dom0`. */
export async function connectSocket(path: string, description: string): Promise<Socket> {
  const socket = createConnection(path);
  try {
    await once(socket, 'connect');
    return socket;
  } catch (cause) {
    throw new UnicoreError(
      'HOST_UNAVAILABLE',
      `Nobody listens at ${path} of ${description}: ${messageOf(cause)}.`,
      { cause },
    );
  }
}

/** Runs a program of this machine with the errors of `Dom0`. */
export async function runProgram(
  command: readonly string[],
  options: Dom0Options,
): Promise<Dom0Result> {
  const [file = '', ...args] = command;
  try {
    const result = await runCommand(file, args, {
      timeoutMilliseconds: options.timeoutMilliseconds,
      maxOutputBytes: MAX_OUTPUT_BYTES,
      ...(options.input === undefined ? {} : { input: options.input }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    return { ...result, exitCode: result.exitCode ?? 128 };
  } catch (error) {
    if (isCommandError(error, 'timed-out')) {
      throw new UnicoreError(
        'DEADLINE_EXCEEDED',
        `'${args.length === 0 ? file : `${file} ${String(args[0])}`}' did not end in time.`,
        { cause: error },
      );
    }
    if (isCommandError(error)) {
      throw new UnicoreError('HOST_UNAVAILABLE', error.message, { cause: error });
    }
    throw error;
  }
}

/** Runs a program of this machine for as long as somebody reads what it prints. Its standard input is open for as long. */
export function streamProgram(command: readonly string[]): Dom0Stream {
  const [file = '', ...args] = command;
  const child = spawn(file, args, {
    env: { ...MINIMAL_ENVIRONMENT },
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
  });
  child.on('error', () => child.stdout.destroy());
  child.stdin.on('error', () => undefined);
  return {
    output: child.stdout as AsyncIterable<Uint8Array>,
    stop: () => {
      child.stdout.destroy();
      child.stdin.destroy();
    },
  };
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
