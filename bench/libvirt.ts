// SPDX-License-Identifier: BSD-3-Clause
/**
 * What the driver costs against virsh, side by side in turns: creation and destruction of the same guest, and one sample
 * of all domains. `node bench/libvirt.ts URI IMAGE [ROUNDS]`, after a build, with a guest that waits for ever when its
 * argument is `hold`.
 */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoredImage } from '../src/build/image.js';
import type * as Libvirt from '../src/orchestrator/drivers/libvirt/index.js';

const BUILT = '../dist/orchestrator/drivers/libvirt/index.js';
const { LibvirtDriver } = (await import(BUILT)) as typeof Libvirt;
const [uri, path, rounds = '20'] = process.argv.slice(2);
if (uri === undefined || path === undefined)
  throw new Error('usage: libvirt.ts URI IMAGE [ROUNDS]');

const folder = mkdtempSync(join(tmpdir(), 'uc-bench-'));
const silent = () => undefined;
const logger = { debug: silent, info: silent, warn: silent, error: silent };
const driver = new LibvirtDriver({ uri, owner: 'bench', directory: join(folder, 'd'), logger });
const image = { path, manifest: { reportsReady: true } } as unknown as StoredImage;

const virsh = (...args: string[]): string =>
  execFileSync('virsh', ['-q', '-c', uri, ...args], { encoding: 'utf8' });

const samples = new Map<string, number[]>();
async function measure(name: string, action: () => unknown): Promise<void> {
  const start = performance.now();
  await action();
  const taken = samples.get(name) ?? [];
  samples.set(name, [...taken, performance.now() - start]);
}

async function createOurs(): Promise<string> {
  const id = randomUUID();
  const size = { memoryBytes: 16 * 1024 * 1024, vcpus: 1 };
  const spec = { id, name: 'bench', image, args: ['hold'], paused: false, ...size };
  await measure('create, driver', () => driver.create(spec));
  return id;
}

await driver.open();
try {
  const xml = join(folder, 'domain.xml');
  // The very same domain for virsh: ours, with another name and id for each round.
  const model = await createOurs();
  const template = virsh('dumpxml', '--inactive', model);
  await driver.destroy(model);
  samples.clear();
  for (let round = 0; round < Number(rounds); round++) {
    const id = await createOurs();
    await measure('destroy, driver', () => driver.destroy(id));
    const other = randomUUID();
    writeFileSync(xml, template.replaceAll(model, other).replaceAll(model.slice(0, 8), 'virsh'));
    await measure('create, virsh', () => virsh('create', xml));
    await measure('destroy, virsh', () => virsh('destroy', other));
    rmSync(join(folder, 'd', `${other}.log`), { force: true });
  }
  const ids = [await createOurs(), await createOurs(), await createOurs(), await createOurs()];
  for (let round = 0; round < 50; round++) await measure('stats of 4', () => driver.stats());
  await Promise.all(ids.map((id) => driver.destroy(id)));
} finally {
  await driver.close();
  rmSync(folder, { recursive: true, force: true });
}

const rows = [...samples].map(([what, taken]) => {
  const sorted = taken.toSorted((a, b) => a - b);
  const at = (part: number) => (sorted[Math.floor((sorted.length - 1) * part)] ?? 0).toFixed(1);
  return { what, n: sorted.length, 'p50 ms': at(0.5), 'p99 ms': at(0.99) };
});
console.table(rows);
