// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, test } from 'vitest';
import type { InstancePhase } from '../instance.js';
import type { Fact, FactType } from './fact.js';
import type { DomainPresence, Lifecycle } from './record.js';
import { transition } from './transition.js';

const PHASES = [
  'pending',
  'creating',
  'paused',
  'booting',
  'running',
  'stopping',
  'stopped',
  'failed',
  'lost',
] as const satisfies readonly InstancePhase[];

/** What the domain is, in a phase, where nothing else is said. */
const DOMAIN: Readonly<Record<InstancePhase, DomainPresence>> = {
  pending: 'absent',
  creating: 'present',
  paused: 'present',
  booting: 'present',
  running: 'present',
  stopping: 'present',
  stopped: 'ended',
  failed: 'ended',
  lost: 'present',
};

function state(phase: InstancePhase, changes: Partial<Lifecycle['progress']> = {}): Lifecycle {
  return {
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
    progress: {
      domain: DOMAIN[phase],
      ready: false,
      lostFrom: phase === 'lost' ? 'running' : null,
      restartedGeneration: 0,
      ...changes,
    },
  };
}

const NOW = '2030-01-01T00:00:00.000Z';
const context = { now: NOW, generation: null, restartGeneration: 1 };
const step = (from: Lifecycle, fact: Fact) => transition(from, fact, context);

function exit(
  reason: 'exited' | 'crashed' | 'destroyed' | 'unknown',
  exitCode: number | null,
): Fact {
  return { type: 'ended', exit: { reason, exitCode, message: reason } };
}

const FACTS: Readonly<Record<FactType, Fact>> = {
  seen: { type: 'seen' },
  'create-called': { type: 'create-called' },
  created: { type: 'created', paused: false },
  refused: { type: 'refused', reason: 'DriverFailed', message: 'no' },
  ready: { type: 'ready', bootNanoseconds: 5 },
  paused: { type: 'paused' },
  resumed: { type: 'resumed' },
  ended: exit('exited', 0),
  failed: { type: 'failed', reason: 'BootDeadline', message: 'late' },
  'destroy-called': { type: 'destroy-called' },
  gone: { type: 'gone', restart: false },
  absent: { type: 'absent' },
  alive: { type: 'alive', paused: false, ready: null },
  parked: { type: 'parked' },
  'host-down': { type: 'host-down', reason: 'reset' },
  'host-up': { type: 'host-up' },
  restarted: { type: 'restarted' },
  stable: { type: 'stable' },
};

/** Every phase after every fact, in the order of PHASES; `.` where the phase stays. */
const MATRIX: Readonly<Record<FactType, string>> = {
  //               pending  creating paused   booting  running  stopping stopped failed  lost
  seen: '          .        .        .        .        .        .        .       .       .',
  'create-called': 'creating .       .        .        .        .        .       .       .',
  created: '       booting  booting  .        .        .        .        .       .       .',
  refused: '       .        .        .        .        .        .        .       .       .',
  ready: '         .        running  .        running  .        .        .       .       .',
  paused: '        .        .        .        paused   paused   .        .       .       .',
  resumed: '       .        .        booting  .        .        .        .       .       .',
  ended: '         stopped  stopped  stopped  stopped  stopped  .        .       .       stopped',
  failed: '        failed   failed   failed   failed   failed   .        .       .       .',
  'destroy-called': 'stopping stopping stopping stopping stopping . . . stopping',
  gone: '          .        stopped  stopped  stopped  stopped  stopped  .       .       stopped',
  absent: '        .        pending  failed   failed   failed   stopped  .       .       failed',
  alive: '         booting  booting  booting  .        booting  .        .       .       booting',
  parked: '        .        .        .        .        .        .        .       .       pending',
  'host-down': '   .        lost     lost     lost     lost     lost     .       .       .',
  'host-up': '     .        .        .        .        .        .        .       .       .',
  restarted: '     .        .        .        .        .        .        pending pending .',
  stable: '        .        .        .        .        .        .        .       .       .',
};

describe('the phase after each fact in each phase', () => {
  test.each(Object.entries(MATRIX))('%s', (type, row) => {
    const cells = row.trim().split(/\s+/);
    expect(cells).toHaveLength(PHASES.length);
    const found = PHASES.map((phase) => {
      const next = step(state(phase), FACTS[type as FactType]).status.phase;
      return next === phase ? '.' : next;
    });
    expect(found).toEqual(cells);
  });
});

describe('a fact that is stated again', () => {
  test.each(PHASES)('changes nothing after the first time, in %s', (phase) => {
    for (const fact of Object.values(FACTS)) {
      // Not found out but decided, once: each counts.
      if (fact.type === 'restarted') continue;
      const once = step(state(phase), fact);
      const twice = step(once, fact);
      expect(twice).toBe(once);
    }
  });
});

describe('details', () => {
  test('a domain that was ready before it was paused runs when it is resumed', () => {
    const paused = step(step(state('booting'), FACTS.ready), FACTS.paused);
    expect(paused.status.phase).toBe('paused');
    expect(step(paused, FACTS.resumed).status.phase).toBe('running');
  });

  test('an image that cannot speak runs as soon as it is created', () => {
    const silent = state('creating');
    const next = step(
      { ...silent, status: { ...silent.status, readiness: 'hypervisor' } },
      FACTS.created,
    );
    expect(next.status.phase).toBe('running');
    expect(next.status.conditions.find(({ type }) => type === 'Ready')?.reason).toBe(
      'HypervisorRuns',
    );
  });

  test.each([
    ['exited', 3, 'stopped', 'Exited'],
    ['destroyed', null, 'stopped', 'DestroyedOnHost'],
    ['crashed', null, 'failed', 'Crashed'],
    ['unknown', null, 'failed', 'EndedUnknown'],
  ] as const)('an end by %s', (reason, code, phase, condition) => {
    const { status, progress } = step(state('running'), exit(reason, code));
    expect(status).toMatchObject({ phase, exitCode: code, timings: { stopped: NOW } });
    expect(status.conditions).toMatchObject([{ type: 'Ready', status: false, reason: condition }]);
    expect(progress.domain).toBe('ended');
  });

  test.each([
    ['pending', 'pending'],
    ['creating', 'pending'],
    ['stopping', 'stopped'],
    ['booting', 'failed'],
    ['running', 'failed'],
    ['paused', 'failed'],
  ] as const)('absence after lost, from %s, is %s', (lostFrom, phase) => {
    expect(step(state('lost', { lostFrom }), FACTS.absent).status.phase).toBe(phase);
  });

  test('gone for a restart begins the next incarnation, with nothing left of the last', () => {
    const ended = step(state('running', { ready: true }), exit('exited', 3));
    const stopping = { ...ended, status: { ...ended.status, phase: 'stopping' as const } };
    const { status, progress } = step(stopping, { type: 'gone', restart: true });
    expect(status).toMatchObject({ phase: 'pending', restarts: 1, exitCode: null, timings: {} });
    expect(progress).toEqual({
      domain: 'absent',
      ready: false,
      lostFrom: null,
      restartedGeneration: 1,
    });
  });

  test('what is heard of a leftover says nothing about the next incarnation', () => {
    const pending = step(step(state('running'), exit('crashed', null)), FACTS.restarted);
    expect(pending.progress.domain).toBe('leftover');
    for (const type of [
      'alive',
      'ended',
      'ready',
      'paused',
      'resumed',
      'destroy-called',
    ] as const) {
      expect(step(pending, FACTS[type])).toBe(pending);
    }
    const gone = step(pending, FACTS.gone);
    expect(gone).toMatchObject({ status: { phase: 'pending' }, progress: { domain: 'absent' } });
  });

  test('a domain that was thought gone and is alive lives again; one that was given up does not', () => {
    const vanished = step(state('running'), FACTS.absent);
    expect(step(vanished, FACTS.alive).status.phase).toBe('booting');
    const givenUp = step(state('booting'), FACTS.failed);
    expect(givenUp).toMatchObject({ status: { phase: 'failed' }, progress: { domain: 'present' } });
    expect(step(givenUp, FACTS.alive).status.phase).toBe('failed');
  });

  test('the generation that was looked at only grows', () => {
    const at = (generation: number) =>
      transition(state('running'), FACTS.seen, { ...context, generation });
    expect(at(4).status.observedGeneration).toBe(4);
    expect(at(1)).toMatchObject(state('running'));
  });
});
