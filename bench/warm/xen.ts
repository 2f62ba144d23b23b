// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { RunningDaemon } from '../../test/support/running-daemon.js';
import { XenHost } from '../../test/xenhost/xen-host.js';
import { Api } from '../support/api.js';
import { interruptible } from '../support/interruption.js';
import { poolImage } from '../support/pool-image.js';
import { publish, rounded } from '../support/result.js';
import { xlLoop } from '../xen-scale/xl-loop.js';
import { APP, measure, type Rival } from './measure.js';

const HOST_MILLISECONDS = 120_000;
const TARGET = 'xen-x86_64';

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { output: { type: 'string' }, rounds: { type: 'string', default: '20' } },
  });
  const folder = mkdtempSync(join(tmpdir(), 'uc-'));
  const host = await XenHost.start(join(folder, 'host'));
  const daemon = await RunningDaemon.launch({ toml: settings(host), ownGroup: true });
  const api = new Api(daemon.url, daemon.token);
  try {
    await untilUp(api);
    const loop = await xlLoop(host, poolImage(APP, TARGET));
    const rival: Rival = async (samples) => {
      samples.add('xl create in dom0', await loop.create());
      await loop.destroy();
    };
    const samples = await interruptible(measure(api, TARGET, Number(values.rounds), () => rival));
    await loop.close();
    const ratio = (what: string): number =>
      rounded(samples.quantile(what, 0.5) / samples.quantile('POST, warm', 0.5), 1);
    const rows = [
      { what: 'cold / warm', ratio: ratio('POST, cold') },
      { what: 'xl create / warm', ratio: ratio('xl create in dom0') },
    ];
    const title = 'From POST to main through the xl driver on a nested Xen host, over ssh';
    const tables = [
      samples.table(title),
      { title: 'How many times faster a warm spawn is, p50', rows },
    ];
    publish('warm-xen', tables, [], values.output);
  } finally {
    api.close();
    await daemon.end('SIGTERM');
    await host.stop();
    rmSync(daemon.directory, { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The daemon answers before it has reached its hosts. */
async function untilUp(api: Api): Promise<void> {
  const giveUp = performance.now() + HOST_MILLISECONDS;
  for (;;) {
    const { body } = await api.call<{ state: string }>('GET', '/v1/hosts/xen');
    if (body.state === 'up') return;
    if (performance.now() > giveUp) throw new Error(`the host is ${body.state}`);
    await sleep(100);
  }
}

function settings({ sshOptions }: XenHost): string {
  const ssh = `[hosts.ssh]\ndestination = "root@127.0.0.1"\noptions = ${JSON.stringify(sshOptions)}\n`;
  return `[[hosts]]\nid = "xen"\ndriver = "xl"\n${ssh}`;
}
