// SPDX-License-Identifier: BSD-3-Clause
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { HostDocument, InstanceDocument } from '../../src/wire/index.js';
import type { Stranger } from '../drivers/contract.js';
import { DaemonProcess } from '../e2e/daemon-process.js';
import { XenBed } from './bed.js';
import { Dom0Gate, type GatePlace } from './dom0-gate.js';

const IMAGES = '/var/lib/unicore/images';
const LOGS = '/var/log/xen/console';
const PATIENCE = { timeout: 300_000, interval: 500 };
// A daemon dies, is started, and finds out on a host that a busy machine emulates.
vi.setConfig({ testTimeout: 900_000 });
const APP = { app: 'daemonhello', target: 'xen-x86_64' };

const COPIES: readonly GatePlace[] = [
  { when: 'before', command: 'mkdir *images*' },
  { when: 'before', command: 'mv *images*' },
];
/** What the driver does in dom0, step by step. */
const CREATION: readonly GatePlace[] = [
  ...COPIES,
  { when: 'before', command: 'xl create*' },
  { when: 'after', command: 'xl create*' },
];
const DESTRUCTION: readonly GatePlace[] = [
  { when: 'before', command: 'xl destroy*' },
  { when: 'after', command: 'xl destroy*' },
];

/** After each death: no domain twice, none lost, none left behind, and strangers as they were. */
describe('the daemon on a real Xen host, through xl, killed', () => {
  let bed: XenBed;
  let gate: Dom0Gate;
  let daemon: DaemonProcess;
  let stranger: Stranger;
  beforeAll(async () => {
    bed = await XenBed.start('pvh');
    gate = await Dom0Gate.install(bed);
    stranger = await bed.createStranger();
    const { destination, options } = bed.sshTarget();
    const ssh = `[hosts.ssh]\ndestination = "${destination}"\noptions = ${JSON.stringify(options)}\n`;
    const toml = `[[hosts]]\nid = "xen"\ndriver = "xl"\n${ssh}`;
    daemon = await DaemonProcess.start({ toml });
    await isUp();
  });
  afterAll(async () => {
    await daemon[Symbol.asyncDispose]();
    expect(await left()).toEqual({ domains: [], logs: [] });
    expect(await stranger.alive()).toBe(true);
    await bed.stop();
  });
  /** A daemon that has put no image into dom0 yet. */
  async function begin(): Promise<void> {
    await daemon.end('SIGTERM');
    await bed.succeed(`/usr/bin/rm -rf ${IMAGES}`);
    await daemon.start();
    await isUp();
  }

  async function isUp(): Promise<void> {
    await vi.waitUntil(async () => {
      const answer = await daemon.get('/v1/hosts/xen');
      return (answer.body as HostDocument).state === 'up';
    }, PATIENCE);
  }

  /** What there is in dom0 besides the stranger. */
  async function left() {
    const lines = (await bed.succeed('xl list -v')).split('\n');
    const others = lines.filter((line) => /^\S+\s+[1-9]/.test(line) && !line.includes(stranger.id));
    const domains = others.map(
      (line) => /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(line)?.[0],
    );
    const logs = (await bed.succeed(`ls ${LOGS}`)).split('\n');
    return { domains, logs: logs.filter((log) => log !== '' && !log.includes('stranger')) };
  }

  async function show(id: string): Promise<InstanceDocument> {
    return (await daemon.get(`/v1/instances/${id}`)).body as InstanceDocument;
  }

  async function accept(): Promise<string> {
    const answer = await daemon.post('/v1/instances', APP);
    expect(answer.status, answer.text).toBeLessThan(300);
    return (answer.body as InstanceDocument).id;
  }

  async function dieAndRise(): Promise<void> {
    await daemon.end('SIGKILL');
    await daemon.start();
  }

  /** It is there once, and goes without a trace. */
  async function livesOnce(id: string): Promise<void> {
    await expect.poll(() => show(id), PATIENCE).toMatchObject({ phase: 'running' });
    expect((await left()).domains).toEqual([id]);
    expect(await stranger.alive()).toBe(true);
    expect((await daemon.delete(`/v1/instances/${id}?wait=120`)).status).toBeLessThan(300);
    await isGone(id);
    const images = async () => (await bed.succeed(`ls ${IMAGES}/*`)).trim().split('\n');
    await expect.poll(images, PATIENCE).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
  }

  async function isGone(id: string): Promise<void> {
    const status = async () => (await daemon.get(`/v1/instances/${id}`)).status;
    await expect.poll(status, PATIENCE).toBe(404);
    await expect.poll(left, PATIENCE).toEqual({ domains: [], logs: [] });
    expect(await stranger.alive()).toBe(true);
  }

  test.each(CREATION)('at a creation, $when $command', async (place) => {
    if (COPIES.includes(place)) await begin();
    await gate.close(place);
    const id = await accept();
    await gate.reached();
    await dieAndRise();
    // What the dead one has begun goes on only when the new one has done its work.
    await expect.poll(() => show(id), PATIENCE).toMatchObject({ phase: 'running' });
    await gate.open();
    await livesOnce(id);
  });

  test.each(DESTRUCTION)('at a deletion, $when $command', async (place) => {
    const id = await accept();
    await expect.poll(() => show(id), PATIENCE).toMatchObject({ phase: 'running' });
    await gate.close(place);
    await daemon.delete(`/v1/instances/${id}?wait=0`);
    await gate.reached();
    await dieAndRise();
    await gate.open();
    await isGone(id);
  });
});
