// SPDX-License-Identifier: BSD-3-Clause
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MAIN = join(ROOT, 'dist/daemon/main.js');

export interface DaemonSettings {
  /** TOML, added to the configuration file. */
  readonly toml?: string;
  readonly poolsDir?: string;
  /** Whether what is typed at the terminal (Ctrl-C) does not reach it. False unless given. */
  readonly ownGroup?: boolean;
  /** A disk of its own for its directory. */
  readonly disk?: { readonly entering: readonly string[]; seen(path: string): string };
}

/** A real daemon in a process of its own, on a state directory of its own and a free port of loopback. */
export class RunningDaemon {
  readonly directory: string;
  readonly #settings: DaemonSettings;
  #process: ChildProcess | null = null;
  #errors = '';
  url = '';
  token = '';

  // Benchmarks import this file as it is, with its types stripped, which parameter properties do not allow.
  protected constructor(directory: string, settings: DaemonSettings) {
    this.directory = directory;
    this.#settings = settings;
  }

  static async launch(settings: DaemonSettings = {}): Promise<RunningDaemon> {
    const daemon = new RunningDaemon(await RunningDaemon.makeDirectory(), settings);
    await daemon.start();
    return daemon;
  }

  /** Short: sockets in it have paths of at most 108 bytes. */
  protected static makeDirectory(): Promise<string> {
    return mkdtemp(join(tmpdir(), 'uc-'));
  }

  get isRunning(): boolean {
    return this.#process !== null;
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  get stateDir(): string {
    return join(this.directory, 'state');
  }

  async start(): Promise<void> {
    const { disk, toml = '' } = this.#settings;
    const seen = (path: string): string => disk?.seen(path) ?? path;
    const file = join(this.directory, 'unicore.toml');
    await writeFile(seen(file), toml);
    const command = [...(disk?.entering ?? []), process.execPath, MAIN, '--config', file];
    const child = spawn(command[0] ?? '', command.slice(1), {
      env: {
        PATH: process.env.PATH,
        UNICORE_STATE_DIR: this.stateDir,
        UNICORE_POOLS_DIR: this.#settings.poolsDir ?? join(ROOT, 'pools'),
        UNICORE_LISTEN: '127.0.0.1:0',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: this.#settings.ownGroup ?? false,
    });
    this.#process = child;
    child.stderr.on('data', (chunk: Buffer) => (this.#errors += chunk.toString()));
    let url: string | undefined;
    for await (const line of createInterface({ input: child.stdout })) {
      const entry = JSON.parse(line) as { msg: string; url?: string };
      if (entry.msg === 'ready') {
        url = entry.url;
        break;
      }
    }
    if (url === undefined) {
      this.#process = null;
      throw new Error(`the daemon did not start: ${this.#errors}`);
    }
    child.stdout.resume();
    this.url = url;
    this.token = (await readFile(seen(join(this.stateDir, 'admin.token')), 'utf8')).trim();
  }

  /** Ends the daemon by a signal and waits for its end. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const child = this.#process;
    if (child === null) return null;
    const exited = once(child, 'exit') as Promise<[number | null]>;
    child.kill(signal);
    this.#process = null;
    return (await exited)[0];
  }
}
