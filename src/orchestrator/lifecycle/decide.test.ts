// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, test } from 'vitest';
import type { InstancePhase, InstanceSpec } from '../instance.js';
import { decide, type Situation } from './decide.js';
import type { DomainPresence, InstanceRecord } from './record.js';

const NORMAL: Situation = {
  now: 1_000,
  hostUp: true,
  notBefore: 0,
  phaseSince: 500,
  restartAt: 0,
  startedAt: 0,
  expiresAt: null,
  graceUntil: null,
  canShutdown: true,
  limits: { bootMilliseconds: 10_000, stableMilliseconds: 60_000 },
};

function record(
  phase: InstancePhase,
  domain: DomainPresence,
  spec: Partial<InstanceSpec> = {},
  restartGeneration = 0,
): InstanceRecord {
  return {
    ordinal: 1,
    restartGeneration,
    origin: null,
    progress: { domain, ready: false, lostFrom: null, restartedGeneration: 0 },
    instance: {
      id: 'id',
      name: 'name',
      owner: null,
      createdAt: '2030-01-01T00:00:00.000Z',
      generation: 1,
      spec: {
        image: 'sha256:0',
        app: null,
        target: null,
        host: 'local',
        memoryBytes: 1,
        vcpus: 1,
        args: [],
        labels: {},
        restartPolicy: 'never',
        desired: 'running',
        ...spec,
      },
      status: {
        observedGeneration: 1,
        phase,
        conditions: [],
        provisioning: 'cold',
        readiness: 'guest',
        exitCode: null,
        bootNanoseconds: null,
        timings: {},
        restarts: 0,
      },
    },
  };
}

const DELETED = { desired: 'deleted' } as const;
const PAUSED = { desired: 'paused' } as const;
const ALWAYS = { restartPolicy: 'always' } as const;

describe('the next step', () => {
  test.each([
    ['new', record('pending', 'absent'), 'create'],
    ['a create whose result is not known', record('creating', 'present'), 'create'],
    ['the last incarnation is still there', record('pending', 'leftover'), 'destroy'],
    ['boots', record('booting', 'present'), 'wait'],
    ['runs', record('running', 'present'), 'nothing'],
    ['is to be paused', record('running', 'present', PAUSED), 'pause'],
    ['is to be paused before main', record('booting', 'present', PAUSED), 'pause'],
    ['is paused as asked', record('paused', 'present', PAUSED), 'nothing'],
    ['is to go on', record('paused', 'present'), 'resume'],
    ['is being ended', record('stopping', 'present'), 'destroy'],
    ['is lost on a host that answers', record('lost', 'present'), 'observe'],
    ['has ended', record('stopped', 'ended'), 'nothing'],
    ['was given up', record('failed', 'present'), 'destroy'],
    ['starts again by policy', record('stopped', 'ended', ALWAYS), 'restart'],
    ['deleted, with a domain', record('running', 'present', DELETED), 'destroy'],
    ['deleted, lost', record('lost', 'present', DELETED), 'destroy'],
    ['deleted, ended', record('stopped', 'ended', DELETED), 'destroy'],
    ['deleted, gone', record('stopped', 'absent', DELETED), 'remove'],
    ['deleted before it began', record('pending', 'absent', DELETED), 'remove'],
    ['deleted rather than restarted', record('running', 'present', DELETED, 2), 'destroy'],
    ['to be restarted', record('running', 'present', {}, 2), 'destroy'],
    ['to be restarted, lost', record('lost', 'present', {}, 2), 'observe'],
    ['to be restarted, ended', record('failed', 'ended', {}, 2), 'restart'],
    ['to be restarted, not begun', record('pending', 'absent', {}, 2), 'restart'],
  ] as const)('%s', (_what, which, act) => {
    expect(decide(which, NORMAL).act).toBe(act);
  });

  test('of a guest that is late is to give it up', () => {
    const booting = record('booting', 'present');
    expect(decide(booting, NORMAL)).toEqual({ act: 'wait', milliseconds: 9_500 });
    expect(decide(booting, { ...NORMAL, now: 10_500 })).toEqual({ act: 'give-up' });
  });

  test('waits for the back-off', () => {
    const late = { ...NORMAL, notBefore: 1_200, restartAt: 1_300 };
    expect(decide(record('pending', 'absent'), late)).toEqual({ act: 'wait', milliseconds: 200 });
    const again = record('failed', 'ended', ALWAYS);
    expect(decide(again, late)).toEqual({ act: 'wait', milliseconds: 300 });
  });

  test('is nothing that touches a host that does not answer', () => {
    const down = { ...NORMAL, hostUp: false };
    for (const phase of ['pending', 'creating', 'lost', 'stopping', 'paused'] as const) {
      expect(decide(record(phase, 'present'), down).act).toBe('nothing');
      expect(decide(record(phase, 'present', DELETED), down).act).toBe('nothing');
    }
  });
});
