// SPDX-License-Identifier: BSD-3-Clause
// Hundreds of QEMU guests in one daemon, through libvirt: as density.ts.
//   node bench/density-qemu.ts [--output FILE] [--count 500] [--steps 5] [--clients 100] [--singles 5]
// Needs `dist/` to be built, the pools' compiler, and root for a libvirtd of its own.
import './support/built-sources.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const { run } = await import('./density/run.ts');
const { startLibvirtd } = await import('./support/libvirtd.ts');
const folder = mkdtempSync(join(tmpdir(), 'uc-'));
const libvirtd = startLibvirtd(join(folder, 'l'));
try {
  const toml = `[[hosts]]\nid = "qemu"\ndriver = "libvirt"\nuri = ${JSON.stringify(libvirtd.uri)}\n`;
  const defaults = { count: 500, steps: 5, clients: 100, singles: 5 };
  const shape = { benchmark: 'density-qemu', target: 'kvm-x86_64', toml, defaults };
  await run(shape, process.argv.slice(2));
} finally {
  libvirtd.stop();
  rmSync(folder, { recursive: true, force: true });
}
