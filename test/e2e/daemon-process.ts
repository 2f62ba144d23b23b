// SPDX-License-Identifier: BSD-3-Clause
import { readdir, readFile, rm } from 'node:fs/promises';
import request from 'supertest';
import { expect } from 'vitest';
import type { InstanceDocument } from '../../src/wire/index.js';
import { RunningDaemon, type DaemonSettings } from '../support/running-daemon.js';

/** A real daemon with what tests ask of it. */
export class DaemonProcess extends RunningDaemon {
  static async start(settings: DaemonSettings = {}): Promise<DaemonProcess> {
    return DaemonProcess.startIn(await RunningDaemon.makeDirectory(), settings);
  }

  static async startIn(directory: string, settings: DaemonSettings): Promise<DaemonProcess> {
    const daemon = new DaemonProcess(directory, settings);
    await daemon.start();
    return daemon;
  }

  get(path: string) {
    return request(this.url).get(path).auth(this.token, { type: 'bearer' });
  }

  post(path: string, body?: object) {
    return request(this.url).post(path).auth(this.token, { type: 'bearer' }).send(body);
  }

  upload(path: string, type: string, data: Buffer) {
    return request(this.url).post(path).auth(this.token, { type: 'bearer' }).type(type).send(data);
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
    if (!this.isRunning) await this.start();
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
