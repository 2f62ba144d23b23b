// SPDX-License-Identifier: BSD-3-Clause
import { expect, test } from 'vitest';
import {
  linuxuFindings,
  linuxuLimits,
} from '../../../src/orchestrator/drivers/linuxu/doctor/checks.js';
import type { LinuxuFacts } from '../../../src/orchestrator/drivers/linuxu/doctor/facts.js';
import { sandboxFinding, toolchainFindings } from '../../../src/build/doctor/examine-machine.js';
import { LINUX } from './facts.js';

const GOOD: LinuxuFacts = {
  linux: LINUX,
  launcher: {
    name: 'unicore-launcher',
    pid: 9,
    openFilesMost: 20_000,
    openFiles: 9,
    commandLine: '',
  },
  launcherFailure: null,
  userProcesses: 1_000,
  isRoot: true,
  separateUsers: true,
};

test.each<[string, string, Partial<LinuxuFacts>]>([
  ['linuxu.launcher', 'problem', { launcherFailure: 'EACCES' }],
  ['linuxu.seccomp', 'problem', { linux: { ...LINUX, seccompActions: ['errno', 'allow'] } }],
  ['linuxu.users', 'warning', { separateUsers: false }],
])('%s is %s where it should be, else ok', (id, severity, wrong) => {
  const severityOf = (facts: LinuxuFacts) =>
    linuxuFindings(facts).find((each) => each.id === id)?.severity;
  expect(severityOf(GOOD)).toBe('ok');
  expect(severityOf({ ...GOOD, ...wrong })).toBe(severity);
});

test('processes of the user count only where guests are that user', () => {
  const most = (facts: LinuxuFacts) =>
    linuxuLimits(facts).find(({ id }) => id === 'linuxu.user-processes')?.most;
  expect(most(GOOD)).toBe(Infinity);
  expect(most({ ...GOOD, isRoot: false })).toBe(1_000);
});

test('a machine without the compilers of others can build for itself', () => {
  const facts = {
    linux: LINUX,
    toolchains: new Map([
      ['x86_64', 'make is not installed. On Debian: apt-get install make'],
      ['arm', 'gcc is not installed. On Debian: apt-get install gcc-arm'],
      ['arm64', null],
    ]),
    sandboxProblem: 'bubblewrap is not installed.',
    architecture: 'x86_64',
  };
  expect(toolchainFindings(facts)).toMatchObject([
    { id: 'build.toolchain-x86_64', severity: 'problem', fix: 'apt-get install make' },
    { id: 'build.toolchain-arm', severity: 'warning', fix: 'apt-get install gcc-arm' },
    { id: 'build.toolchain-arm64', severity: 'ok', fix: '' },
  ]);
  expect(sandboxFinding(facts)).toMatchObject({ severity: 'problem' });
  expect(sandboxFinding({ ...facts, sandboxProblem: null })).toMatchObject({ severity: 'ok' });
});
