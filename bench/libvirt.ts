// SPDX-License-Identifier: BSD-3-Clause
/**
 * What the driver costs against virsh, side by side in turns: creation and destruction of the same guest (daemonhello of
 * the pools), and one sample of all domains.
 *
 *   node bench/libvirt.ts [--output FILE] [--rounds N]
 *
 * Needs `dist/` to be built, and root: it starts a libvirtd of its own (script/libvirtd), and ends it.
 */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { StoredImage } from '../src/build/image.js';
import type * as Libvirt from '../src/orchestrator/drivers/libvirt/index.js';
import { interruptible } from './support/interruption.ts';
import { startLibvirtd } from './support/libvirtd.ts';
import { poolImage } from './support/pool-image.ts';
import { publish, Samples } from './support/result.ts';

const BUILT = '../dist/orchestrator/drivers/libvirt/index.js';
const { LibvirtDriver } = (await import(BUILT)) as typeof Libvirt;
const { values: options } = parseArgs({
  options: { output: { type: 'string' }, rounds: { type: 'string', default: '20' } },
});

const path = poolImage('daemonhello', 'kvm-x86_64');

// Short: sockets in it have paths of at most 108 bytes.
const folder = mkdtempSync(join(tmpdir(), 'uc-bench-'));
const libvirtd = startLibvirtd(join(folder, 'l'));
const { uri } = libvirtd;
const silent = () => undefined;
const logger = { debug: silent, info: silent, warn: silent, error: silent };
const driver = new LibvirtDriver({ uri, owner: 'bench', directory: join(folder, 'd'), logger });
const image = { path, manifest: { reportsReady: true } } as unknown as StoredImage;

const virsh = (...args: string[]): string =>
  execFileSync('virsh', ['-q', '-c', uri, ...args], { encoding: 'utf8' });

const samples = new Samples();

async function createOurs(): Promise<string> {
  const id = randomUUID();
  const size = { memoryBytes: 16 * 1024 * 1024, vcpus: 1 };
  const spec = { id, name: 'bench', image, args: [], paused: false, park: false, ...size };
  await samples.time('create, driver', () => driver.create(spec));
  return id;
}

async function measure(): Promise<void> {
  const xml = join(folder, 'domain.xml');
  // The very same domain for virsh: ours, with another name and id for each round.
  const model = await createOurs();
  const template = virsh('dumpxml', '--inactive', model);
  await driver.destroy(model);
  samples.clear();
  for (let round = 0; round < Number(options.rounds); round++) {
    const id = await createOurs();
    await samples.time('destroy, driver', () => driver.destroy(id));
    const other = randomUUID();
    writeFileSync(xml, template.replaceAll(model, other).replaceAll(model.slice(0, 8), 'virsh'));
    await samples.time('create, virsh', () => virsh('create', xml));
    await samples.time('destroy, virsh', () => virsh('destroy', other));
    rmSync(join(folder, 'd', `${other}.log`), { force: true });
  }
  const ids = [await createOurs(), await createOurs(), await createOurs(), await createOurs()];
  for (let round = 0; round < 50; round++) await samples.time('stats of 4', () => driver.stats());
  await Promise.all(ids.map((id) => driver.destroy(id)));
}

await driver.open();
try {
  await interruptible(measure());
} finally {
  await driver.close();
  libvirtd.stop();
  rmSync(folder, { recursive: true, force: true });
}

publish('libvirt', [samples.table('The driver against virsh')], [], options.output);
