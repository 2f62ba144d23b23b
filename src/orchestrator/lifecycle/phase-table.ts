// SPDX-License-Identifier: BSD-3-Clause
import type { InstancePhase } from '../instance.js';
import type { FactType } from './fact.js';

/**
 * Where a fact leads: a phase, or
 * - `same`: the phase stays;
 * - `live`: paused, booting or running, whichever the domain is;
 * - `end`: stopped or failed, by how it ended;
 * - `revive`: as `live` if we knew of no domain, else the phase stays;
 * - `again`: `pending` if it is to be restarted, else `stopped`;
 * - `vanish`: what `absent` means for the phase before `lost`.
 */
export type Next = InstancePhase | 'same' | 'live' | 'end' | 'revive' | 'again' | 'vanish';

type Row = Readonly<Partial<Record<FactType, Next>>>;

const LIVING: Row = {
  ended: 'end',
  failed: 'failed',
  'destroy-called': 'stopping',
  gone: 'again',
  absent: 'failed',
  alive: 'live',
  'host-down': 'lost',
};

const ENDED: Row = { alive: 'revive', restarted: 'pending' };

/** The life of an instance. A fact that is not in a phase's row leaves the phase as it is. */
export const PHASE_TABLE: Readonly<Record<InstancePhase, Row>> = {
  pending: {
    'create-called': 'creating',
    created: 'live',
    // The daemon died after the create and before it wrote so.
    ended: 'end',
    alive: 'live',
    failed: 'failed',
    'destroy-called': 'stopping',
    restarted: 'pending',
  },
  creating: {
    ...LIVING,
    created: 'live',
    ready: 'running',
    // Nothing was created, or nothing is left of it: the create is called again.
    absent: 'pending',
  },
  paused: { ...LIVING, resumed: 'live' },
  booting: { ...LIVING, ready: 'running', paused: 'paused' },
  running: { ...LIVING, paused: 'paused' },
  // An end while our destroy is under way changes nothing: what comes next is decided when it has returned.
  stopping: { gone: 'again', absent: 'stopped', 'host-down': 'lost' },
  stopped: ENDED,
  failed: ENDED,
  lost: {
    ended: 'end',
    'destroy-called': 'stopping',
    gone: 'again',
    absent: 'vanish',
    alive: 'live',
    parked: 'pending',
  },
};
