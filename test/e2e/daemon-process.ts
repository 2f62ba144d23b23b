// SPDX-License-Identifier: BSD-3-Clause
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import request from 'supertest';
import { expect } from 'vitest';
import type { InstanceDocument } from '../../src/wire/index.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MAIN = join(ROOT, 'dist/daemon/main.js');

export interface DaemonSettings {
  /** TOML, added to the configuration file. */
  readonly toml?: string;
  readonly poolsDir?: string;
}

/** A real daemon in a process of its own, on a state directory of its own and a free port. */
export class DaemonProcess {
  #process: ChildProcess | null = null;
  #errors = '';
  url = '';
  token = '';

  private constructor(
    readonly directory: string,
    private readonly settings: DaemonSettings,
  ) {}

  static async start(settings: DaemonSettings = {}): Promise<DaemonProcess> {
    // Short: sockets in it have paths of at most 108 bytes.
    const daemon = new DaemonProcess(await mkdtemp(join(tmpdir(), 'uc-')), settings);
    await daemon.start();
    return daemon;
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  get stateDir(): string {
    return join(this.directory, 'state');
  }

  async start(): Promise<void> {
    const file = join(this.directory, 'unicore.toml');
    await writeFile(file, this.settings.toml ?? '');
    const child = spawn(process.execPath, [MAIN, '--config', file], {
      env: {
        PATH: process.env.PATH,
        UNICORE_STATE_DIR: this.stateDir,
        UNICORE_POOLS_DIR: this.settings.poolsDir ?? join(ROOT, 'pools'),
        UNICORE_LISTEN: '127.0.0.1:0',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
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
    if (url === undefined) throw new Error(`the daemon did not start: ${this.#errors}`);
    child.stdout.resume();
    this.url = url;
    this.token = (await readFile(join(this.stateDir, 'admin.token'), 'utf8')).trim();
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

  get(path: string) {
    return request(this.url).get(path).auth(this.token, { type: 'bearer' });
  }

  post(path: string, body?: object) {
    return request(this.url).post(path).auth(this.token, { type: 'bearer' }).send(body);
  }

  delete(path: string) {
    return request(this.url).delete(path).auth(this.token, { type: 'bearer' });
  }

  /** Creates an instance that is expected to come into being. */
  async create(body: object): Promise<InstanceDocument> {
    const answer = await this.post('/v1/instances?wait=120', body);
    expect(answer.status, answer.text).toBe(201);
    return answer.body as InstanceDocument;
  }

  /** What a guest has printed, once it holds `part`. */
  async console(id: string, part: string): Promise<string> {
    let text = '';
    await expect
      .poll(
        async () => {
          text = (await this.get(`/v1/instances/${id}/console`)).text;
          return text;
        },
        { timeout: 30_000, interval: 100 },
      )
      .toContain(part);
    return text;
  }

  /** Deletes every instance, stops the daemon, and removes its state. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process === null) await this.start();
    const { items } = (await this.get('/v1/instances?limit=500')).body as {
      items: InstanceDocument[];
    };
    for (const { id } of items) await this.delete(`/v1/instances/${id}`);
    await this.end('SIGTERM');
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** The ids of processes whose environment or command line names `text`. */
export async function processesNaming(text: string): Promise<readonly number[]> {
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    const read = (file: string) => readFile(`/proc/${name}/${file}`, 'utf8').catch(() => '');
    if ((await read('cmdline')).includes(text) || (await read('environ')).includes(text)) {
      found.push(Number(name));
    }
  }
  return found;
}
