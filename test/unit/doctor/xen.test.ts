// SPDX-License-Identifier: BSD-3-Clause
import { expect, test } from 'vitest';
import {
  dom0Findings,
  dom0Limits,
} from '../../../src/orchestrator/drivers/xl/doctor/dom0-checks.js';
import {
  parseDom0Facts,
  type Dom0Facts,
} from '../../../src/orchestrator/drivers/xl/doctor/dom0-facts.js';
import { LINUX } from './facts.js';

const TEXT = `== info
xen_version            : 4.17.7
xen_commandline        : dom0_mem=1536M,max:1536M console=com1
== xl.conf
autoballoon="off"
vif.default.script="vif-fast"
== quota
Quota settings:
nodes            :     1000 Nodes per domain
watches          :      128 Watches per domain
transactions     :       10 Transactions per domain
outstanding      :       20 Outstanding requests per domain
== oxenstored.conf
quota-maxentity = 7
== hotplug
#!/bin/sh
== events
[   13.404897] xen:events: Using FIFO-based ABI
`;
const GOOD = parseDom0Facts(TEXT, LINUX, null);

const severityOf = (facts: Dom0Facts, id: string) =>
  dom0Findings(facts).find((each) => each.id === id)?.severity;

test('a host that is well has nothing to mend', () => {
  expect(dom0Findings(GOOD).filter(({ severity }) => severity !== 'ok')).toEqual([]);
  expect(dom0Limits(GOOD).map(({ id, most }) => [id, most])).toEqual([
    ['xen.pseudo-terminals', 4_096],
    ['xen.xenconsoled-nofile', Infinity],
    ['xen.event-channels', 131_072],
  ]);
});

const withLine = (line: string | null) => ({ ...GOOD, xenCommandLine: line });
const withBalloon = (value: string, line = 'console=com1') => ({
  ...withLine(line),
  xlSettings: new Map([['autoballoon', value]]),
});
const withDaemon = (name: string, changes: object): Dom0Facts => ({
  ...GOOD,
  linux: {
    ...LINUX,
    daemons: LINUX.daemons.map((each) => (each.name === name ? { ...each, ...changes } : each)),
  },
});

test.each<[string, string, Dom0Facts]>([
  ['xen.xenstore-socket', 'problem', { ...GOOD, xenstoreComplaint: 'nobody listens' }],
  ['xen.dom0-mem', 'problem', withLine('console=com1')],
  ['xen.dom0-mem', 'warning', withLine('dom0_mem=1G')],
  ['xen.dom0-mem', 'warning', withLine('dom0_mem=1G,max:2G')],
  ['xen.dom0-mem', 'ok', withLine('a dom0_mem=1G,max:1G b')],
  ['xen.dom0-mem', 'unknown', withLine(null)],
  ['xen.autoballoon', 'problem', withBalloon('on')],
  ['xen.autoballoon', 'problem', withBalloon('1', 'dom0_mem=1G,max:1G')],
  ['xen.autoballoon', 'problem', withBalloon('auto')],
  ['xen.autoballoon', 'ok', withBalloon('auto', 'dom0_mem=1G,max:1G')],
  ['xen.xenstored-nodes', 'problem', { ...GOOD, quotas: new Map([['nodes', 20]]) }],
  ['xen.xenstored-watches', 'unknown', { ...GOOD, quotas: new Map() }],
  ['xen.xenconsoled-log', 'problem', withDaemon('xenconsoled', { commandLine: 'xenconsoled' })],
  ['xen.xenconsoled-log', 'problem', withDaemon('xenconsoled', { name: 'other' })],
  ['xen.xenstored-nofile', 'problem', withDaemon('xenstored', { openFilesMost: 256 })],
  ['xen.version', 'problem', { ...GOOD, xenVersion: null }],
  ['xen.version', 'problem', { ...GOOD, xenVersion: '4.18.0' }],
  ['xen.version', 'problem', withDaemon('xenstored', { name: 'other' })],
  [
    'xen.version',
    'warning',
    { ...withDaemon('xenstored', { commandLine: 'xenstored' }), xenVersion: '4.11.4' },
  ],
  ['xen.hotplug-script', 'warning', { ...GOOD, hotplugInterpreter: '/bin/bash' }],
  ['xen.hotplug-script', 'unknown', { ...GOOD, hotplugInterpreter: null }],
])('%s is %s where it should be', (id, severity, facts) => {
  expect(severityOf(facts, id)).toBe(severity);
});

test('with oxenstored, the bounds are those of its file', () => {
  const daemons = [{ ...LINUX.daemons[0]!, name: 'oxenstored' }];
  const facts = parseDom0Facts(TEXT, { ...LINUX, daemons }, null);
  expect(facts.quotas).toEqual(new Map([['nodes', 7]]));
  expect(severityOf(facts, 'xen.xenstored-nodes')).toBe('problem');
});

test('a dom0 that says nothing is not said to be well', () => {
  const silent = parseDom0Facts('', { ...LINUX, daemons: [], pseudoTerminals: null }, 'none');
  expect(dom0Findings(silent).filter(({ severity }) => severity === 'ok')).toEqual([]);
  expect(dom0Limits(silent).map(({ most }) => most)).toEqual([null, null, null]);
});
