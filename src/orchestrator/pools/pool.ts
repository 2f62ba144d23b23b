// SPDX-License-Identifier: BSD-3-Clause
import type { ImageDigest } from '../../build/image.js';
import { UnicoreError, type FieldError } from '../../errors/index.js';
import { isInstanceName } from '../instances/naming.js';
import type { StoredDocument } from '../state/index.js';
import type { WarmPool, WarmPoolSpec } from '../ports.js';
import { Demand } from './sizing.js';

const MOST_GUESTS = 1_000;

/** A guest that was made ahead. `found`: of the last run; the host's list will tell what it is. */
export interface Member {
  readonly id: string;
  readonly host: string;
  /** What it was made of: `keyOf` of its pool at that time. */
  readonly key: string;
  state: 'found' | 'warming' | 'ready' | 'claimed' | 'destroying';
  /** Not in the host's last list. */
  missing: boolean;
}

/** What is written of a pool. The members' ids are there before their domains are. */
export interface PoolDocument {
  readonly spec: WarmPoolSpec;
  readonly image: ImageDigest;
  readonly memoryBytes: number;
  readonly vcpus: number;
  readonly warmth: 'booted' | 'created';
  readonly createdAt: string;
  readonly members: readonly Pick<Member, 'id' | 'host' | 'key'>[];
}

/** A pool in memory. */
export class Pool {
  readonly members = new Map<string, Member>();
  readonly demand = new Demand();
  hits = 0;
  misses = 0;
  failures = 0;
  notBefore = 0;
  lastArrival = -Infinity;
  condition: WarmPool['condition'] = { reason: 'Warming', message: '' };

  constructor(
    readonly name: string,
    public document: Omit<PoolDocument, 'members'>,
  ) {}

  /** What guests of this pool are made of. */
  get key(): string {
    const { image, memoryBytes, vcpus, warmth, spec } = this.document;
    const args = warmth === 'created' ? (spec.args ?? []) : [];
    return JSON.stringify([image, memoryBytes, vcpus, warmth, spec.host ?? null, args]);
  }

  count(...states: readonly Member['state'][]): number {
    return [...this.members.values()].filter(({ state }) => states.includes(state)).length;
  }

  target(now: number): number {
    const { minimum, maximum } = this.document.spec;
    return this.demand.target(now, minimum, maximum);
  }

  /** As it is to be stored, without a member that is about to be no more. One that has no host yet has no domain either. */
  stored(without?: string): StoredDocument {
    const members = [...this.members.values()]
      .filter(({ id, host }) => id !== without && host !== '')
      .map(({ id, host, key }) => ({ id, host, key }));
    return { id: this.name, document: { ...this.document, members } satisfies PoolDocument };
  }

  /** `answers` says of a host whether what is on it can be given to anybody. */
  view(now: number, answers: (host: string) => boolean): WarmPool {
    const { spec, image, memoryBytes, vcpus, warmth, createdAt } = this.document;
    return {
      name: this.name,
      spec,
      ...{ image, memoryBytes, vcpus, warmth },
      target: this.target(now),
      ready: [...this.members.values()].filter(
        ({ state, host }) => state === 'ready' && answers(host),
      ).length,
      warming: this.count('warming', 'found'),
      hits: this.hits,
      misses: this.misses,
      condition: this.condition,
      createdAt,
    };
  }
}

/** @throws INVALID_REQUEST */
export function validatePool(name: string, { minimum, maximum, warmth, args }: WarmPoolSpec): void {
  const errors: FieldError[] = [];
  const whole = (value: number): boolean =>
    Number.isSafeInteger(value) && value >= 0 && value <= MOST_GUESTS;
  if (!isInstanceName(name)) errors.push({ path: 'name', message: 'must be a DNS label' });
  if (!whole(minimum)) errors.push({ path: 'min', message: `must be 0 to ${MOST_GUESTS}` });
  if (!whole(maximum) || maximum < minimum) {
    errors.push({ path: 'max', message: `must be min to ${MOST_GUESTS}` });
  }
  if (warmth === 'booted' && args !== undefined && args.length > 0) {
    errors.push({ path: 'args', message: 'come with the claim; give none, or warmth created' });
  }
  const [first] = errors;
  if (first === undefined) return;
  throw new UnicoreError('INVALID_REQUEST', `${first.path} ${first.message}.`, { errors });
}
