// SPDX-License-Identifier: BSD-3-Clause
import { readFile } from 'node:fs/promises';
import { expect, vi } from 'vitest';
import type { HostDocument, ImageDocument, InstanceDocument } from '../../src/wire/index.js';
import type { Stranger } from '../drivers/contract.js';
import { DaemonProcess } from '../e2e/daemon-process.js';
import type { XenBed } from './bed.js';

const LOGS = '/var/log/xen/console';
const PATIENCE = { timeout: 300_000, interval: 200 };
const MEMORY_BYTES = 4 * 1024 * 1024;

/** A real daemon whose one host, `xen`, is a bed's; with a guest of somebody else's beside its own. */
export class DaemonBed {
  readonly daemon: DaemonProcess;
  readonly #bed: XenBed;
  readonly #stranger: Stranger;
  #images = 0;

  private constructor(bed: XenBed, daemon: DaemonProcess, stranger: Stranger) {
    this.#bed = bed;
    this.daemon = daemon;
    this.#stranger = stranger;
  }

  /** `host`: what the configuration says of the host besides the way to dom0, as TOML. */
  static async start(bed: XenBed, host: string): Promise<DaemonBed> {
    const { destination, options } = bed.sshTarget();
    const ssh = `[hosts.ssh]\ndestination = "${destination}"\noptions = ${JSON.stringify(options)}\n`;
    const stranger = await bed.createStranger();
    const daemon = await DaemonProcess.start({ toml: `[[hosts]]\nid = "xen"\n${host}\n${ssh}` });
    const made = new DaemonBed(bed, daemon, stranger);
    await made.isUp();
    return made;
  }

  /** Deletes what the daemon has, which must leave nothing but the stranger, and stops it. */
  async stop(): Promise<void> {
    await this.daemon[Symbol.asyncDispose]();
    expect(await this.left()).toEqual({ domains: [], logs: [] });
    expect(await this.#stranger.alive()).toBe(true);
    await this.#stranger.remove();
  }

  async isUp(): Promise<void> {
    const host = async () => (await this.daemon.get('/v1/hosts/xen')).body as HostDocument;
    await vi.waitUntil(async () => (await host()).state === 'up', PATIENCE);
  }

  /** An image that dom0 has never seen. */
  async newImage(): Promise<string> {
    const content = await readFile(this.#bed.guests.daemon.image.path);
    const unlike = Buffer.concat([content, Buffer.from(String(this.#images++))]);
    const answer = await this.daemon.upload('/v1/images', 'application/octet-stream', unlike);
    expect(answer.status, answer.text).toBe(201);
    return (answer.body as ImageDocument).digest;
  }

  /** Asks for an instance, and does not wait for it. */
  async accept(image: string): Promise<string> {
    const { args } = this.#bed.guests.daemon;
    const wanted = { image, args, memory: MEMORY_BYTES };
    const answer = await this.daemon.post('/v1/instances?wait=0', wanted);
    expect(answer.status, answer.text).toBe(202);
    return (answer.body as InstanceDocument).id;
  }

  async isRunning(id: string): Promise<void> {
    const show = async () => (await this.daemon.get(`/v1/instances/${id}`)).body as unknown;
    await expect.poll(show, PATIENCE).toMatchObject({ phase: 'running' });
  }

  async dieAndRise(): Promise<void> {
    await this.daemon.end('SIGKILL');
    await this.daemon.start();
  }

  /** It is there once, and goes without a trace. */
  async livesOnce(id: string): Promise<void> {
    await this.isRunning(id);
    const { domains, logs } = await this.left();
    expect(domains).toEqual([id]);
    // It has its name, under which what it prints is kept.
    expect(logs).toEqual([expect.stringContaining(`-${id.slice(0, 8)}.log`)]);
    expect(await this.#stranger.alive()).toBe(true);
    await this.daemon.delete(`/v1/instances/${id}?wait=0`);
    await this.isGone(id);
  }

  async isGone(id: string): Promise<void> {
    const status = async () => (await this.daemon.get(`/v1/instances/${id}`)).status;
    await expect.poll(status, PATIENCE).toBe(404);
    await expect.poll(() => this.left(), PATIENCE).toEqual({ domains: [], logs: [] });
    expect(await this.#stranger.alive()).toBe(true);
  }

  /** Only whole images are in dom0: what a copy that was broken off has left is gone. */
  async imagesAreWhole(): Promise<void> {
    const find = `find /var/lib/unicore/images -type f -printf '%f\\n'`;
    const names = async () => (await this.#bed.succeed(find)).trim().split('\n');
    const whole = (name: string) => /^[0-9a-f]{64}$/.test(name);
    await expect.poll(async () => (await names()).every(whole), PATIENCE).toBe(true);
  }

  /** What there is in dom0 besides the stranger. */
  async left() {
    const lines = (await this.#bed.succeed(`xl list -v; ls ${LOGS}`)).split('\n');
    const others = lines.filter((line) => !line.includes(this.#stranger.id));
    // Of one that is half made, the name may be missing.
    const domains = others.filter((line) => /^\S*\s+[1-9]/.test(line));
    return {
      domains: domains.map(
        (line) => /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(line)?.[0] ?? line,
      ),
      logs: lines.filter((line) => line.endsWith('.log') && !line.includes('stranger')),
    };
  }
}
