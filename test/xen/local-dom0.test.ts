// SPDX-License-Identifier: BSD-3-Clause
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { ImageDocument, InstanceDocument } from '../../src/wire/index.js';
import { XenBed } from './bed.js';
import { DaemonInDom0 } from './daemon-in-dom0.js';

const PATIENCE = { timeout: 300_000, interval: 500 };
const MEMORY_BYTES = 4 * 1024 * 1024;
vi.setConfig({ testTimeout: 900_000 });

let bed: XenBed;
let daemon: DaemonInDom0;
beforeAll(async () => {
  bed = await XenBed.start('pvh');
  daemon = await DaemonInDom0.install(bed);
});
afterAll(() => bed.stop());

test.each([
  ['xl', 'driver = "xl"'],
  ['libvirt', 'driver = "libvirt"\nuri = "xen:///system"'],
])('a daemon inside dom0, by %s: a guest lives, prints, and is gone', async (_name, host) => {
  await daemon.start(host);
  try {
    const hostState = async () => (await daemon.ask('GET', '/v1/hosts/xen')).body;
    await expect.poll(hostState, PATIENCE).toMatchObject({ state: 'up' });
    const guest = bed.guests.daemon;
    const imported = await daemon.ask('POST', '/v1/images', await readFile(guest.image.path));
    expect(imported).toMatchObject({ status: 201 });
    const { digest: image } = imported.body as ImageDocument;
    const wanted = { image, args: guest.args, memory: MEMORY_BYTES };
    const made = await daemon.ask('POST', '/v1/instances?wait=120', wanted);
    expect(made).toMatchObject({ status: 201, body: { phase: 'running', readiness: 'guest' } });
    const { id } = made.body as InstanceDocument;
    expect(await bed.succeed('xl list -v')).toContain(id);
    const console = async () => (await daemon.ask('GET', `/v1/instances/${id}/console`)).body;
    await expect.poll(console, PATIENCE).toContain(guest.output.trim());

    const doctor = await daemon.ask('GET', '/v1/hosts/xen/doctor');
    expect(doctor.status).toBe(200);
    expect(JSON.stringify(doctor.body)).toContain('Xen 4.17');

    expect((await daemon.ask('DELETE', `/v1/instances/${id}?wait=120`)).status).toBe(204);
    expect(await bed.succeed('xl list -v; ls /var/log/xen/console')).not.toMatch(
      new RegExp(`${id}|${id.slice(0, 8)}`),
    );
  } finally {
    await daemon.stop();
  }
});
