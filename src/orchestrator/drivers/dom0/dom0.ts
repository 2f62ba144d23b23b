// SPDX-License-Identifier: BSD-3-Clause
import type { Duplex } from 'node:stream';

/** How a command in dom0 ended. */
export interface Dom0Result {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Dom0Options {
  /** Standard input; empty unless given. */
  readonly input?: Uint8Array;
  readonly timeoutMilliseconds: number;
  readonly signal?: AbortSignal;
}

/** A program in dom0 that goes on telling. It ends there, too, when it is stopped or when this process dies. */
export interface Dom0Stream {
  /** What it prints, until it ends or is stopped. */
  readonly output: AsyncIterable<Uint8Array>;
  stop(): void;
}

/**
 * The control domain of a Xen host: here, or at the other end of an ssh connection. Each argument arrives as it is.
 * Calls reject with HOST_UNAVAILABLE if dom0 cannot be reached, DEADLINE_EXCEEDED if the command does not end in time
 * (what it did is then unknown), or the signal's reason.
 */
export interface Dom0 {
  /** For people, as in `this machine` or `root@xen1`. */
  readonly description: string;
  run(command: readonly string[], options: Dom0Options): Promise<Dom0Result>;
  stream(command: readonly string[]): Dom0Stream;
  /**
   * A connection to a Unix socket of dom0's, whose server must not be the first to speak. Over ssh it is closed at once where nobody
   * listens, or sshd does not allow it.
   */
  connect(path: string): Promise<Duplex>;
  /** Copies a file of this machine to a path of dom0's, whole or not at all, unless there is one. The content never changes. */
  put(localPath: string, path: string): Promise<void>;
  close(): Promise<void>;
}
