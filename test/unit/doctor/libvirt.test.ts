// SPDX-License-Identifier: BSD-3-Clause
import { expect, test } from 'vitest';
import {
  libvirtFindings,
  libvirtLimits,
} from '../../../src/orchestrator/drivers/libvirt/doctor/checks.js';
import { localLibvirt } from '../../../src/orchestrator/drivers/libvirt/doctor/endpoint.js';
import {
  parseBound,
  parseReaper,
  type LibvirtFacts,
} from '../../../src/orchestrator/drivers/libvirt/doctor/facts.js';
import { LINUX } from './facts.js';

const DAEMON = { name: 'libvirtd', pid: 7, openFilesMost: 8_192, openFiles: 30, commandLine: '' };
const GOOD: LibvirtFacts = {
  daemonName: 'libvirtd',
  linux: LINUX,
  daemon: DAEMON,
  logDaemon: { ...DAEMON, name: 'virtlogd', openFilesMost: 1_024 },
  clients: { most: 5_000, taken: 3 },
  workers: { most: 20, taken: 5 },
  logClients: { most: 1_024, taken: 1 },
  clientRequests: 5,
  reaper: { name: 'systemd', waits: true },
  kvm: 'works',
};

test.each<[string, string, Partial<LibvirtFacts>]>([
  ['libvirt.kvm', 'warning', { kvm: 'fails' }],
  ['libvirt.kvm', 'warning', { kvm: 'absent' }],
  ['libvirt.max-clients', 'problem', { clients: { most: 4, taken: 1 } }],
  ['libvirt.max-clients', 'warning', { clients: { most: 200, taken: 190 } }],
  ['libvirt.max-clients', 'unknown', { clients: null }],
  ['libvirt.max-workers', 'warning', { workers: { most: 5, taken: 5 } }],
  ['libvirt.max-client-requests', 'problem', { clientRequests: 1 }],
  ['libvirt.max-client-requests', 'unknown', { clientRequests: null }],
  ['libvirt.virtlogd-clients', 'warning', { logClients: { most: 20, taken: 1 } }],
  ['libvirt.reaper', 'warning', { reaper: { name: 'sleep', waits: false } }],
  ['libvirt.reaper', 'unknown', { reaper: null }],
])('%s is %s where it should be, else ok', (id, severity, wrong) => {
  const severityOf = (facts: LibvirtFacts) =>
    libvirtFindings(facts).find((each) => each.id === id)?.severity;
  expect(severityOf(GOOD)).toBe('ok');
  expect(severityOf({ ...GOOD, ...wrong })).toBe(severity);
});

test('the limits are those of the machine, of libvirtd and of virtlogd', () => {
  const limits = libvirtLimits(GOOD).map(({ id, most }) => [id, most]);
  expect(limits).toContainEqual(['libvirt.nofile', 8_192]);
  expect(limits).toContainEqual(['libvirt.virtlogd-nofile', 1_024]);
  expect(limits).toContainEqual(['linux.cgroup-pids', 5_000]);
});

test('reads what virt-admin prints', () => {
  const text = 'nclients_max        : 200\nnclients            : 2\nnclients_unauth_max : 20\n';
  expect(parseBound(text, 'nclients_max', 'nclients')).toEqual({ most: 200, taken: 2 });
  expect(parseBound('error: failed', 'nclients_max', 'nclients')).toBeNull();
});

test('a process waits for its children if it is told of their ends, or stands in wait', () => {
  const status = (blocked: string, caught: string) =>
    `Name:\tinit\nSigBlk:\t${blocked}\nSigIgn:\t0000000000001000\nSigCgt:\t${caught}\n`;
  const none = '0000000000000000';
  expect(parseReaper(status(none, '00000000000004e8'), '0')).toEqual({
    name: 'init',
    waits: false,
  });
  expect(parseReaper(status(none, '0000000000010000'), '0')?.waits).toBe(true);
  expect(parseReaper(status('7be3c0fe28014a03', none), 'ep_poll')?.waits).toBe(true);
  expect(parseReaper(status(none, none), 'do_wait')?.waits).toBe(true);
  expect(parseReaper(status(none, none), 'do_sigtimedwait.isra.0')?.waits).toBe(true);
});

test('knows the daemon that a URI leads to, if it is on this machine', () => {
  const given = localLibvirt('qemu+unix:///system?socket=/a b/libvirt-sock');
  expect(given).toMatchObject({
    daemon: 'libvirtd',
    admin: 'libvirtd+unix:///system?socket=%2Fa%20b%2Flibvirt-admin-sock',
  });
  expect(localLibvirt('qemu:///system')?.socket).toContain('/libvirt/');
  const modular = localLibvirt('qemu+unix:///system?socket=/run/libvirt/virtqemud-sock');
  expect(modular?.daemon).toBe('virtqemud');
  for (const uri of ['qemu+ssh://root@there/system', 'qemu:///session', 'xen:///system']) {
    expect(localLibvirt(uri)).toBeNull();
  }
});
