// SPDX-License-Identifier: BSD-3-Clause
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SshDom0 } from '../../src/orchestrator/drivers/dom0/index.js';
import { XenDoctor } from '../../src/orchestrator/drivers/xl/index.js';
import { XenBed } from './bed.js';

const XENCONSOLED =
  '$(echo /usr/lib/xen-[0-9]*/bin)/xenconsoled --pid-file=/run/xen/xenconsoled.pid --log-dir=/var/log/xen/console';
const restartXenconsoled = (options: string) =>
  `kill -9 $(cat /run/xen/xenconsoled.pid); ${XENCONSOLED} ${options}`;

let bed: XenBed;
let dom0: SshDom0;
beforeAll(async () => {
  bed = await XenBed.start('pvh');
  dom0 = new SshDom0(bed.sshTarget());
});
afterAll(async () => {
  await dom0.close();
  await bed.stop();
});

const examine = () => new XenDoctor(dom0).examine(AbortSignal.timeout(120_000));
const find = async (id: string) => (await examine()).find((each) => each.id === id);

test('sees all that there is to see of a real dom0, and changes nothing', async () => {
  const state = () =>
    bed.succeed('xenstore-ls -f | grep -v /balloon; sha256sum /etc/xen/* 2>/dev/null || true');
  const before = await state();
  const findings = await examine();
  expect(findings.filter(({ severity }) => severity === 'unknown')).toEqual([]);
  expect(findings.filter(({ severity }) => severity === 'problem')).toEqual([]);
  expect(findings.find(({ id }) => id === 'xen.version')?.found).toContain('Xen 4.17');
  expect(await state()).toBe(before);
});

const FAULTS = [
  [
    'xen.autoballoon',
    `sed -i 's/^autoballoon=.*/autoballoon="on"/' /etc/xen/xl.conf`,
    `sed -i 's/^autoballoon=.*/autoballoon="off"/' /etc/xen/xl.conf`,
  ],
  [
    'xen.xenstored-nodes',
    'xenstore-control quota set nodes 20',
    'xenstore-control quota set nodes 1000',
  ],
  [
    'xen.xenstore-socket',
    'mv /run/xenstored/socket /run/xenstored/away',
    'mv /run/xenstored/away /run/xenstored/socket',
  ],
  ['xen.xenconsoled-log', restartXenconsoled(''), restartXenconsoled('--log=guest')],
  [
    'xen.pseudo-terminals',
    'echo 100 >/proc/sys/kernel/pty/max',
    'echo 4096 >/proc/sys/kernel/pty/max',
  ],
  [
    'xen.xenconsoled-nofile',
    'prlimit --pid $(pidof xenconsoled) --nofile=256:256',
    'prlimit --pid $(pidof xenconsoled) --nofile=1048576:1048576',
  ],
] as const;

test.each(FAULTS)(
  '%s: a fault of a real dom0 is seen, and not after the fix',
  async (id, fault, fix) => {
    await bed.succeed(fault);
    try {
      expect(await find(id)).toMatchObject({
        severity: 'problem',
        fix: expect.stringMatching(/./) as string,
      });
    } finally {
      await bed.succeed(fix);
    }
    expect(await find(id)).toMatchObject({ severity: 'ok', fix: '' });
  },
);
