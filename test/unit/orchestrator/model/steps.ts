// SPDX-License-Identifier: BSD-3-Clause
import fc from 'fast-check';
import type { InstanceChange } from '../../../../src/orchestrator/index.js';
import type { SimFault } from '../../../sim/index.js';

export type Group = 'a' | 'b';

/** One thing that a user, a host or fate does. */
export type Step =
  | {
      readonly do: 'create';
      readonly policy: 'never' | 'on-failure' | 'always';
      readonly paused: boolean;
      readonly hangs: boolean;
      readonly group: Group;
      /** Whether it is asked for by the client whose quota is small. */
      readonly bounded: boolean;
      readonly ttlSeconds: number | null;
      readonly ttlAfterFinishedSeconds: number | null;
    }
  | {
      readonly do: 'bulk';
      readonly count: number;
      readonly allOrNothing: boolean;
      readonly bounded: boolean;
      readonly group: Group;
    }
  | { readonly do: 'change-many'; readonly change: InstanceChange; readonly group: Group | 'all' }
  | { readonly do: 'cancel'; readonly which: number }
  | { readonly do: InstanceChange; readonly which: number }
  | { readonly do: 'end'; readonly which: number; readonly code: number | null }
  | { readonly do: 'vanish'; readonly which: number }
  | { readonly do: 'pool'; readonly name: Group; readonly size: number; readonly big: boolean }
  | { readonly do: 'drop-pool'; readonly name: Group }
  | { readonly do: 'fault'; readonly fault: SimFault; readonly times: number }
  | { readonly do: 'host-down' | 'host-up' | 'stranger' | 'stop' }
  | { readonly do: 'crash'; readonly commit: 'before-write' | 'after-write' }
  | { readonly do: 'wait'; readonly milliseconds: number };

const which = fc.nat(20);
const group = fc.constantFrom<Group[]>('a', 'b');
const change = fc.constantFrom<InstanceChange[]>('delete', 'pause', 'resume', 'restart');
const rarely = fc.nat(5).map((n) => n === 0);
const is = <const T extends string>(...names: T[]): fc.Arbitrary<T> => fc.constantFrom(...names);

/** How often each kind of step comes, and what it is made of. */
const WEIGHTED: readonly { readonly weight: number; readonly arbitrary: fc.Arbitrary<Step> }[] = [
  {
    weight: 8,
    arbitrary: fc.record({
      do: is('create'),
      policy: fc.constantFrom('never', 'on-failure', 'always'),
      paused: rarely,
      hangs: rarely,
      group,
      bounded: fc.boolean(),
      ttlSeconds: fc.constantFrom(null, null, null, 1, 20),
      ttlAfterFinishedSeconds: fc.constantFrom(null, null, 5),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: is('bulk'),
      count: fc.nat(12),
      allOrNothing: fc.boolean(),
      bounded: fc.boolean(),
      group,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: is('change-many'),
      change,
      group: fc.constantFrom('a', 'b', 'all'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: is('cancel'), which }) },
  { weight: 6, arbitrary: fc.record({ do: change, which }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: is('end'), which, code: fc.constantFrom(null, 0, 1) }),
  },
  { weight: 1, arbitrary: fc.record({ do: is('vanish'), which }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: is('pool'), name: group, size: fc.nat(4), big: rarely }),
  },
  { weight: 1, arbitrary: fc.record({ do: is('drop-pool'), name: group }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: is('fault'),
      times: fc.constantFrom(1, 2, 6),
      fault: fc.record({
        call: fc.constantFrom('create', 'destroy', 'pause', 'resume', 'claim', 'list'),
        code: fc.constantFrom('DRIVER_FAILED', 'HOST_UNAVAILABLE', 'DEADLINE_EXCEEDED'),
        after: fc.boolean(),
      }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: is('host-down', 'host-up', 'stranger') }),
  },
  { weight: 1, arbitrary: fc.record({ do: is('stop') }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: is('crash'), commit: is('before-write', 'after-write') }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: is('wait'),
      milliseconds: fc.constantFrom(0, 1, 3, 5, 20, 500, 5_000),
    }),
  },
];

export const step: fc.Arbitrary<Step> = fc.oneof(...WEIGHTED);
