// SPDX-License-Identifier: BSD-3-Clause
import { expect } from 'vitest';
import type { Instance } from '../../../src/orchestrator/index.js';
import type { SimHost, World } from '../../sim/index.js';

/** What clients of an orchestrator were told, whatever became of it since. */
export class Ledger {
  /** Instances whose creation was answered. */
  readonly accepted = new Set<string>();
  /** Instances that somebody asked to delete, answered or not. */
  readonly doomed = new Set<string>();
  /** Instances whose deletion was answered. */
  readonly deleted = new Set<string>();
  /** Operations that were answered. */
  readonly operations = new Set<string>();
  /** Domains of nobody here, as they were put on the hosts. */
  readonly strangers = new Map<string, SimHost>();
}

/** All instances, a page at a time. */
export function allInstances({ orchestrator }: World): Instance[] {
  const found: Instance[] = [];
  let cursor: string | undefined;
  do {
    const page = orchestrator.instances.list({
      limit: 500,
      ...(cursor === undefined ? {} : { cursor }),
    });
    found.push(...page.items);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return found;
}

const lives = ({ status: { phase } }: Instance): boolean =>
  phase === 'running' || phase === 'paused';

/** Expects, of a world at rest, that records, domains, reservations, quotas, operations and answers fit one another. */
export async function expectInStep(world: World, ledger: Ledger): Promise<void> {
  const instances = allInstances(world);
  const byId = new Map(instances.map((instance) => [instance.id, instance]));

  for (const id of ledger.deleted) expect(byId.has(id), `${id} was deleted`).toBe(false);
  for (const id of ledger.accepted) {
    if (!ledger.doomed.has(id)) expect(byId.has(id), `${id} was accepted`).toBe(true);
  }
  for (const id of ledger.operations) expectEnded(world, id);
  for (const [id, host] of ledger.strangers) {
    expect(host.domains.get(id)).toMatchObject({ owned: false, exit: null, state: 'running' });
  }
  for (const instance of instances) expectAsAsked(world, instance);
  await expectAddsUp(world, instances, byId);
}

function expectEnded({ orchestrator }: World, id: string): void {
  const { phase, total, done, failed, finishedAt, items } = orchestrator.operations.get(id);
  expect(phase).not.toBe('running');
  expect(finishedAt).not.toBe(null);
  expect(done + failed).toBe(total);
  expect(items.filter(({ error }) => error !== null)).toHaveLength(failed);
}

/** An instance is what its spec says, and has one domain where it says, or none. */
function expectAsAsked(world: World, instance: Instance): void {
  const { id, generation, spec, status } = instance;
  expect(['running', 'paused', 'stopped', 'failed']).toContain(status.phase);
  expect(status.observedGeneration).toBe(generation);
  for (const [name, { domains }] of world.hosts) {
    const domain = domains.get(id);
    if (name !== spec.host) expect(domain, `${id} is on two hosts`).toBe(undefined);
    else if (lives(instance)) {
      expect(status.phase).toBe(spec.desired);
      expect(domain).toMatchObject({ owned: true, exit: null, state: spec.desired });
    } else {
      expect(domain?.exit).not.toBe(null);
      expect(spec.restartPolicy).not.toBe('always');
    }
  }
}

/** Nothing is on a host but instances, guests of pools and strangers, and exactly that is reserved. */
async function expectAddsUp(
  world: World,
  instances: readonly Instance[],
  byId: ReadonlyMap<string, Instance>,
): Promise<void> {
  const { orchestrator, hosts } = world;
  const pools = orchestrator.warmPools.list();
  let pooled = 0;
  for (const host of await orchestrator.hosts.list()) {
    const { domains = new Map<string, never>(), violations = [] } = hosts.get(host.id) ?? {};
    expect(violations).toEqual([]);
    let reserved = 0;
    for (const instance of instances) {
      if (instance.spec.host === host.id && lives(instance)) reserved += instance.spec.memoryBytes;
    }
    for (const [id, { owned, exit, spec, parked, state }] of domains) {
      if (!owned || byId.has(id)) continue;
      expect(exit, `${spec.name} has ended and is nobody’s`).toBe(null);
      expect(parked || state === 'paused', `${spec.name} is nobody’s`).toBe(true);
      pooled++;
      reserved += spec.memoryBytes;
    }
    expect(host.reservedBytes).toBe(reserved);
  }
  expect(pooled).toBe(pools.reduce((sum, { ready }) => sum + ready, 0));
  for (const pool of pools) expect(pool.warming).toBe(0);

  for (const owner of new Set(instances.map(({ owner }) => owner))) {
    if (owner === null) continue;
    const own = instances.filter((instance) => instance.owner === owner);
    expect(orchestrator.instances.usageOf(owner)).toEqual({
      instances: own.length,
      memoryBytes: own.reduce((sum, { spec }) => sum + spec.memoryBytes, 0),
      vcpus: own.reduce((sum, { spec }) => sum + spec.vcpus, 0),
    });
  }
  const counts = Object.values(orchestrator.instances.counts());
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(instances.length);
}
