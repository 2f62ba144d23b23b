// SPDX-License-Identifier: BSD-3-Clause
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { RunningDaemon } from '../../test/support/running-daemon.js';
import { Api } from '../support/api.js';
import { endWithInstances } from '../support/instances.js';
import { interruptible } from '../support/interruption.js';
import { startLibvirtd } from '../support/libvirtd.js';
import { publish, rounded, type Samples } from '../support/result.js';
import { measure, type Rival } from './measure.js';

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { output: { type: 'string' }, rounds: { type: 'string', default: '30' } },
  });
  const rounds = Number(values.rounds);
  const folder = mkdtempSync(join(tmpdir(), 'uc-'));
  const libvirtd = startLibvirtd(join(folder, 'l'));
  const toml = [
    '[[hosts]]\nid = "local"\ndriver = "linuxu"\n',
    `[[hosts]]\nid = "qemu"\ndriver = "libvirt"\nuri = ${JSON.stringify(libvirtd.uri)}\n`,
  ].join('\n');
  const daemon = await RunningDaemon.launch({ toml, ownGroup: true });
  const api = new Api(daemon.url, daemon.token);
  try {
    const linuxu = await interruptible(measure(api, 'linuxu-x86_64', rounds * 5));
    const rival = (id: string): Rival => virshRival(libvirtd.uri, folder, id);
    const qemu = await interruptible(measure(api, 'kvm-x86_64', rounds, rival));
    const ratio = (samples: Samples, what: string): number =>
      rounded(samples.quantile(what, 0.5) / samples.quantile('POST, warm', 0.5), 1);
    const rows = [
      { what: 'linuxu: cold / warm', ratio: ratio(linuxu, 'POST, cold') },
      { what: 'QEMU: cold / warm', ratio: ratio(qemu, 'POST, cold') },
      { what: 'QEMU: virsh create / warm', ratio: ratio(qemu, 'virsh create') },
    ];
    const tables = [
      linuxu.table('From POST to main, linuxu'),
      qemu.table('From POST to main, QEMU through libvirt'),
      { title: 'How many times faster a warm spawn is, p50', rows },
    ];
    publish('warm', tables, [], values.output);
  } finally {
    api.close();
    await endWithInstances(daemon);
    libvirtd.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `virsh create` of the very domain of an instance, with another name and id each time. */
function virshRival(uri: string, folder: string, model: string): Rival {
  const virsh = (...args: string[]): string =>
    execFileSync('virsh', ['-q', '-c', uri, ...args], { encoding: 'utf8', timeout: 60_000 });
  const template = virsh('dumpxml', '--inactive', model);
  const file = join(folder, 'domain.xml');
  return async (samples) => {
    const id = randomUUID();
    const text = template.replaceAll(model, id).replaceAll(model.slice(0, 8), id.slice(0, 8));
    writeFileSync(file, text);
    await samples.time('virsh create', () => virsh('create', file));
    virsh('destroy', id);
  };
}
