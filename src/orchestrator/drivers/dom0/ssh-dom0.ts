// SPDX-License-Identifier: BSD-3-Clause
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { UnicoreError } from '../../../errors/index.js';
import type { Dom0, Dom0Options, Dom0Result, Dom0Stream } from './dom0.js';
import { connectSocket, runProgram, streamProgram } from './local-dom0.js';
import { tethered } from './tethered.js';

export interface SshTarget {
  /** `user@host`, or a name of the ssh configuration. */
  readonly destination: string;
  /** More arguments of ssh(1), as in `-i KEY -p PORT`. */
  readonly options: readonly string[];
  /** Path of the socket of the one connection that all commands share; its folder must be private. */
  readonly controlPath: string;
}

const FORWARD_MILLISECONDS = 30_000;

/** ssh's own exit code for a failure of the connection (ssh(1), EXIT STATUS). */
const SSH_FAILED = 255;

/** A dom0 at the other end of one multiplexed ssh connection. */
export class SshDom0 implements Dom0 {
  readonly description: string;
  readonly #target: SshTarget;

  constructor(target: SshTarget) {
    this.#target = target;
    this.description = target.destination;
  }

  async run(command: readonly string[], options: Dom0Options): Promise<Dom0Result> {
    const result = await runProgram(this.#ssh(command), options);
    if (result.exitCode === SSH_FAILED) throw this.#unreachable(result.stderr);
    return result;
  }

  stream(command: readonly string[]): Dom0Stream {
    return streamProgram(this.#ssh(tethered(command)));
  }

  /**
   * ssh listens on a socket here, beside its own, and passes on who connects (ssh(1), -L). Nobody else is to, so it goes when the first
   * answer is there, which tells that ssh has taken the connection.
   */
  async connect(path: string): Promise<Socket> {
    await this.#succeed(['true']); // so that there is a connection to pass it on
    const local = `${this.#target.controlPath}.${randomUUID().slice(0, 8)}`;
    const forwarding = ['-L', `${local}:${path}`, this.#target.destination];
    const control = (verb: 'forward' | 'cancel') =>
      runProgram(['ssh', ...this.#connection('-p'), '-O', verb, ...forwarding], {
        timeoutMilliseconds: FORWARD_MILLISECONDS,
      });
    const forwarded = await control('forward');
    if (forwarded.exitCode !== 0) throw this.#unreachable(forwarded.stderr);
    let listens = true;
    const end = (): void => {
      if (!listens) return;
      listens = false;
      void control('cancel')
        .catch(() => undefined)
        .then(() => rm(local, { force: true }))
        .catch(() => undefined);
    };
    try {
      const socket = await connectSocket(local, 'ssh');
      return socket.once('data', end).once('close', end);
    } catch (error) {
      end();
      throw error;
    }
  }

  async put(localPath: string, path: string): Promise<void> {
    const folder = path.slice(0, path.lastIndexOf('/'));
    const temporary = `${path}.${randomUUID()}`;
    const there = await this.run(['test', '-e', path], { timeoutMilliseconds: 60_000 });
    if (there.exitCode === 0) return;
    await this.#succeed(['mkdir', '-p', '-m', '755', '--', folder]);
    const copied = await runProgram(
      [
        'scp',
        ...this.#connection('-P'),
        '--',
        localPath,
        `${this.#target.destination}:${temporary}`,
      ],
      { timeoutMilliseconds: 120_000 },
    );
    if (copied.exitCode !== 0) throw this.#unreachable(copied.stderr);
    await this.#succeed(['mv', '-f', '--', temporary, path]);
  }

  async close(): Promise<void> {
    await runProgram(['ssh', ...this.#connection('-p'), '-O', 'exit', this.#target.destination], {
      timeoutMilliseconds: 10_000,
    }).catch(() => undefined);
  }

  async #succeed(command: readonly string[]): Promise<void> {
    const result = await this.run(command, { timeoutMilliseconds: 60_000 });
    if (result.exitCode !== 0) {
      throw new UnicoreError('DRIVER_FAILED', `${this.description}: ${result.stderr.trim()}`);
    }
  }

  #ssh(command: readonly string[]): readonly string[] {
    return [
      'ssh',
      ...this.#connection('-p'),
      this.#target.destination,
      '--',
      command.map(quoteForShell).join(' '),
    ];
  }

  /** `portFlag`: ssh and scp name the port's option differently. */
  #connection(portFlag: '-p' | '-P'): readonly string[] {
    return [
      ...this.#target.options.map((option) => (option === '-p' ? portFlag : option)),
      ...['-o', 'BatchMode=yes', '-o', 'ConnectTimeout=20', '-o', 'LogLevel=ERROR'],
      ...['-o', 'ServerAliveInterval=15', '-o', 'ServerAliveCountMax=4'],
      ...['-o', 'ControlMaster=auto', '-o', 'ControlPersist=300'],
      ...['-o', `ControlPath=${this.#target.controlPath}`],
    ];
  }

  #unreachable(words: string): UnicoreError {
    return new UnicoreError(
      'HOST_UNAVAILABLE',
      `No ssh connection to ${this.description}: ${words.trim() || 'it was closed'}.`,
    );
  }
}

/**
 * sshd gives the command to the user's shell, so that each argument must be one word of it: in single quotes nothing is special
 * but the quote itself (POSIX.1-2017, Shell Command Language, 2.2.2).
 */
export function quoteForShell(argument: string): string {
  return `'${argument.replaceAll("'", `'\\''`)}'`;
}
