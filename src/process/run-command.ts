// SPDX-License-Identifier: BSD-3-Clause
import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { CommandError } from './command-error.js';
import { signalProcessGroup } from './process-group.js';

/** What a command gets as environment unless told otherwise: nothing of the daemon's own. */
export const MINIMAL_ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C.UTF-8',
};

export type OutputStream = 'stdout' | 'stderr';

export interface CommandOptions {
  /** Working directory. */
  readonly cwd?: string;
  /** The whole environment of the command; `MINIMAL_ENVIRONMENT` unless given. The daemon's is never inherited. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Standard input; empty unless given. */
  readonly input?: Uint8Array;
  /** Ends the command; the call then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Ends the command when it has run this long. 60,000 unless given. */
  readonly timeoutMilliseconds?: number;
  /** How long the process group has to end after SIGTERM before SIGKILL. 2,000 unless given. */
  readonly killAfterMilliseconds?: number;
  /** Ends the command when stdout and stderr together exceed this. 1 MiB unless given. */
  readonly maxOutputBytes?: number;
  /** Whether the result holds the output. True unless given; a caller that streams a long output has no use for a copy. */
  readonly capture?: boolean;
  /** Called with each piece of output as it arrives. It must not throw. */
  readonly onOutput?: (chunk: Buffer, stream: OutputStream) => void;
  /** Called with the pid (and process group) once the command runs. It must not throw. */
  readonly onStart?: (pid: number) => void;
}

/** How a command ended by itself. Exactly one of `exitCode` and `signal` is not null. */
export interface CommandResult {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How long to wait for the rest of the output once the command has ended. */
const DRAIN_MILLISECONDS = 1_000;

/**
 * Runs a program to its end, without a shell. `file` is an absolute path or a name that is looked up in the
 * environment's PATH.
 *
 * The command leads a process group of its own. On a timeout, too much output or an abort the whole group gets SIGTERM,
 * then SIGKILL; when the command ends, by itself or not, what it left behind in its group is killed. A descendant that
 * leaves the group (setsid) is not reached; it cannot hold up the call, since its output is cut off. Where the program is
 * not trusted, run it in a PID namespace.
 *
 * @throws CommandError; the signal's reason if it fires
 */
export function runCommand(
  file: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const { signal } = options;
  if (signal?.aborted === true) return Promise.reject(reasonOf(signal));

  let child: ChildProcessByStdio<Writable, Readable, Readable>;
  try {
    child = spawn(file, args, {
      cwd: options.cwd,
      env: { ...(options.environment ?? MINIMAL_ENVIRONMENT) },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
      shell: false,
    });
  } catch (error) {
    return Promise.reject(startFailure(file, error));
  }
  const { pid } = child;
  if (pid === undefined) {
    return new Promise((_resolve, reject) => {
      child.once('error', (error) => reject(startFailure(file, error)));
    });
  }
  return new RunningCommand(child, pid, file, options).settled;
}

class RunningCommand {
  readonly settled: Promise<CommandResult>;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #group: number;
  readonly #options: CommandOptions;
  readonly #captured: Record<OutputStream, Buffer[]> = { stdout: [], stderr: [] };
  #outputBytes = 0;
  /** Why we ended the command, once we did. */
  #ended: { readonly reason: Error } | null = null;
  #exited = false;
  readonly #timeout: NodeJS.Timeout;
  #kill: NodeJS.Timeout | undefined;

  constructor(
    child: ChildProcessByStdio<Writable, Readable, Readable>,
    pid: number,
    file: string,
    options: CommandOptions,
  ) {
    this.#child = child;
    this.#group = pid;
    this.#options = options;
    const milliseconds = options.timeoutMilliseconds ?? 60_000;
    this.#timeout = setTimeout(() => {
      this.#end(new CommandError('timed-out', `${file} did not end within ${milliseconds} ms`));
    }, milliseconds);
    const maxOutputBytes = options.maxOutputBytes ?? 1024 * 1024;
    const tooLarge = (): CommandError =>
      new CommandError('output-too-large', `${file} printed more than ${maxOutputBytes} bytes`);
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].on('data', (chunk: Buffer) => {
        if (this.#outputBytes > maxOutputBytes) return;
        this.#outputBytes += chunk.length;
        if (this.#outputBytes > maxOutputBytes) {
          this.#end(tooLarge());
          return;
        }
        if (options.capture ?? true) this.#captured[stream].push(chunk);
        options.onOutput?.(chunk, stream);
      });
    }
    // A command that ends without reading all of it is no failure of ours.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input);
    this.settled = this.#run();
    options.onStart?.(pid);
  }

  async #run(): Promise<CommandResult> {
    const { signal } = this.#options;
    const onAbort = (): void => {
      if (signal !== undefined) this.#end(reasonOf(signal));
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      const [exitCode, endedBy] = await this.#exit();
      this.#exited = true;
      clearTimeout(this.#timeout);
      clearTimeout(this.#kill);
      signalProcessGroup(this.#group, 'SIGKILL');
      await this.#drain();
      if (this.#ended !== null) throw this.#ended.reason;
      return {
        exitCode,
        signal: endedBy,
        stdout: Buffer.concat(this.#captured.stdout).toString('utf8'),
        stderr: Buffer.concat(this.#captured.stderr).toString('utf8'),
      };
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  #exit(): Promise<readonly [number | null, NodeJS.Signals | null]> {
    return new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => resolve([code, signal]));
      // A failure to send a signal is reported as 'error'; the exit still follows.
      this.#child.on('error', () => undefined);
    });
  }

  /** Waits until both pipes are read to their end, and cuts them off if a stray descendant keeps them open. */
  #drain(): Promise<void> {
    const { stdout, stderr } = this.#child;
    if (stdout.closed && stderr.closed) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        stdout.destroy();
        stderr.destroy();
      }, DRAIN_MILLISECONDS);
      this.#child.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #end(reason: Error): void {
    if (this.#ended !== null) return;
    this.#ended = { reason };
    if (this.#exited) return;
    signalProcessGroup(this.#group, 'SIGTERM');
    this.#kill = setTimeout(
      () => signalProcessGroup(this.#group, 'SIGKILL'),
      this.#options.killAfterMilliseconds ?? 2_000,
    );
  }
}

function startFailure(file: string, error: unknown): CommandError {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
  return code === 'ENOENT'
    ? new CommandError('not-found', `${file} (or its working directory) does not exist`, {
        cause: error,
      })
    : new CommandError('not-started', `${file} could not be started: ${code}`, { cause: error });
}

function reasonOf(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return reason instanceof Error ? reason : new Error('Aborted', { cause: reason });
}
