// SPDX-License-Identifier: BSD-3-Clause
import { expect, test } from 'vitest';
import {
  guestsWithin,
  limitFinding,
  linuxFindings,
  parseLinuxFacts,
  processLimits,
} from '../../../src/diagnosis/index.js';
import { LINUX } from './facts.js';

test('reads what a machine says, the lowest bound of its control groups, and no more than is there', () => {
  expect(LINUX).toMatchObject({
    pidMax: 4_194_304,
    threadsMax: 200_000,
    cgroupPids: { most: 5_000, path: '/sys/fs/cgroup/system.slice' },
    freeSwapBytes: 512 * 1024,
    daemons: [
      { name: 'xenstored', pid: 150, openFilesMost: 65_536, openFiles: 16 },
      {
        name: 'xenconsoled',
        openFilesMost: Infinity,
        commandLine: expect.stringContaining('--log=guest') as string,
      },
    ],
  });
  expect(parseLinuxFacts('')).toMatchObject({
    pidMax: null,
    cgroupPids: null,
    swapBytes: null,
    seccompActions: [],
    daemons: [],
  });
});

test('a limit is as severe as what it leaves of the guests that are wanted', () => {
  const [pidMax] = processLimits({ ...LINUX, pidMax: 1_512 }, { perGuest: 4, perVcpu: 1 });
  expect(guestsWithin(pidMax!)).toBe(200);
  expect(limitFinding(pidMax!, 200)).toMatchObject({ severity: 'ok', fix: '' });
  expect(limitFinding(pidMax!, 201)).toMatchObject({ severity: 'warning' });
  const problem = limitFinding(pidMax!, 2_001);
  expect(problem).toMatchObject({
    severity: 'problem',
    found: '1512 processes: room for 200 guests',
  });
  expect(problem.fix).toContain('kernel.pid_max = 4194304');
  expect(limitFinding({ ...pidMax!, most: null }, 1)).toMatchObject({ severity: 'unknown' });
  expect(limitFinding({ ...pidMax!, most: Infinity }, 1)).toMatchObject({ severity: 'ok' });
});

test.each([
  ['linux.overcommit', { overcommit: 2 }],
  ['linux.max-map-count', { maxMapCount: 1_000 }],
  ['linux.file-max', { fileMax: 1_000 }],
  ['linux.swap', { swapBytes: 1_000, freeSwapBytes: 500 }],
])('%s: seen where it is wrong, and only there', (id, wrong) => {
  const severityOf = (facts: typeof LINUX) =>
    linuxFindings(facts).find((each) => each.id === id)?.severity;
  const good = { ...LINUX, swapBytes: 0, freeSwapBytes: 0 };
  expect(severityOf(good)).toBe('ok');
  expect(severityOf({ ...good, ...wrong })).toBe('warning');
  const unknown = Object.fromEntries(Object.keys(wrong).map((key) => [key, null]));
  expect(severityOf({ ...good, ...unknown })).toBe('unknown');
});
