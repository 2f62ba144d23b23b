// SPDX-License-Identifier: BSD-3-Clause
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { isUnicoreError } from '../../../../src/errors/index.js';
import type { Client, InstanceSelection } from '../../../../src/orchestrator/index.js';
import { simImage, type FakeClock, type SimHost, type World } from '../../../sim/index.js';
import { allInstances, Ledger } from '../in-step.js';
import type { Step } from './steps.js';

const MIB = 2 ** 20;
const MEMORY = 8 * MIB;
export const HELLO = simImage('hello');
const source = { image: HELLO.manifest.digest };

const MOST = 6;
const BOUNDED: Client = { name: 'anna', quota: { instances: MOST } };
const FREE: Client = { name: 'bert', quota: {} };

/** Does the steps in a world, and keeps the ledger of what was answered. */
export class Player {
  readonly ledger = new Ledger();

  constructor(
    private readonly world: World,
    private readonly clock: FakeClock,
  ) {}

  async play(step: Step): Promise<void> {
    await this.#do(step);
    expect(this.world.orchestrator.instances.usageOf(BOUNDED.name).instances).toBeLessThanOrEqual(
      MOST,
    );
  }

  /** Lets faults end, the hosts answer, and everything come to rest. */
  async rest(): Promise<void> {
    for (const host of this.world.hosts.values()) {
      host.faults.length = 0;
      host.comeUp();
    }
    for (let i = 0; i < 8; i++) await this.clock.advance(30_000);
  }

  /** A start or a stop may wait for a host that does not answer, so time has to go on. */
  async whileTimePasses(work: Promise<void>): Promise<void> {
    const progress = { ended: false };
    const ended = work.then(() => {
      progress.ended = true;
    });
    while (!progress.ended) await this.clock.advance(1_000);
    await ended;
  }

  async #do(step: Step): Promise<void> {
    const { world, clock, ledger } = this;
    const { instances, operations, warmPools } = world.orchestrator;
    switch (step.do) {
      case 'create':
        this.#create(step);
        return;
      case 'bulk': {
        const client = step.bounded ? BOUNDED : FREE;
        const labels = { group: step.group };
        const request = { client, source, memoryBytes: MEMORY, labels };
        const { allOrNothing } = step;
        void attempt(instances.createMany(request, step.count + 1, { allOrNothing }), ({ id }) =>
          ledger.operations.add(id),
        );
        return;
      }
      case 'change-many': {
        const selection: InstanceSelection =
          step.group === 'all' ? { all: true } : { selector: `group=${step.group}` };
        // What it is about is decided when it is asked.
        for (const { id, spec } of allInstances(world)) {
          const selected = step.group === 'all' || spec.labels.group === step.group;
          if (selected && step.change === 'delete') ledger.doomed.add(id);
        }
        void attempt(instances.changeMany(step.change, selection, { client: FREE }), ({ id }) =>
          ledger.operations.add(id),
        );
        return;
      }
      case 'cancel': {
        const id = pick(ledger.operations, step.which);
        if (id !== undefined) void attempt(operations.cancel(id), () => undefined);
        return;
      }
      case 'delete':
      case 'pause':
      case 'resume':
      case 'restart': {
        const id = pick(ledger.accepted, step.which);
        if (id === undefined) return;
        if (step.do === 'delete') ledger.doomed.add(id);
        void attempt(
          (async () => instances[step.do](id))(),
          () => step.do === 'delete' && ledger.deleted.add(id),
        );
        return;
      }
      case 'end': {
        const [host, id] = this.#domain(step.which);
        const { code } = step;
        const reason = code === null ? 'crashed' : 'exited';
        host?.end(id, { reason, exitCode: code, message: reason });
        return;
      }
      case 'vanish': {
        const [host, id] = this.#domain(step.which);
        host?.domains.delete(id);
        return;
      }
      case 'pool': {
        const { size, big } = step;
        const spec = { source, memoryBytes: big ? 2 * MEMORY : MEMORY, minimum: size, maximum: 4 };
        void attempt(warmPools.put(step.name, spec), () => undefined);
        return;
      }
      case 'drop-pool':
        void attempt(warmPools.delete(step.name), () => undefined);
        return;
      case 'fault':
        for (let i = 0; i < step.times; i++) world.host.faults.push(step.fault);
        return;
      case 'host-down':
        world.host.goDown();
        return;
      case 'host-up':
        world.host.comeUp();
        return;
      case 'stranger': {
        const id = randomUUID();
        ledger.strangers.set(id, world.host);
        world.host.addStranger(id);
        return;
      }
      case 'stop':
        await this.whileTimePasses(world.stop());
        await this.whileTimePasses(world.start());
        return;
      case 'crash':
        world.kill(step.commit);
        await clock.advance(0);
        await this.whileTimePasses(world.start());
        return;
      case 'wait':
        await clock.advance(step.milliseconds);
    }
  }

  #create(step: Extract<Step, { do: 'create' }>): void {
    const { ttlSeconds, ttlAfterFinishedSeconds, hangs, group, bounded } = step;
    const { instances } = this.world.orchestrator;
    const request = {
      client: bounded ? BOUNDED : FREE,
      source,
      memoryBytes: MEMORY,
      // One that hangs would be restarted for ever.
      restartPolicy: hangs ? ('never' as const) : step.policy,
      paused: step.paused,
      args: hangs ? ['hangs'] : [],
      labels: { group },
      ttlSeconds,
      ttlAfterFinishedSeconds,
    };
    void attempt(instances.create(request), ({ id }) => {
      this.ledger.accepted.add(id);
      if (ttlSeconds !== null || ttlAfterFinishedSeconds !== null) this.ledger.doomed.add(id);
      // By the time that all is at rest.
      if (ttlSeconds !== null) this.ledger.deleted.add(id);
    });
  }

  /** One of our domains on any host, whosever it is. */
  #domain(index: number): readonly [SimHost | undefined, string] {
    const all = [...this.world.hosts.values()].flatMap((host) =>
      [...host.domains.values()]
        .filter(({ owned }) => owned)
        .map(({ spec }): [SimHost, string] => [host, spec.id]),
    );
    return all[index % Math.max(1, all.length)] ?? [undefined, ''];
  }
}

function pick(ids: ReadonlySet<string>, index: number): string | undefined {
  return [...ids][index % Math.max(1, ids.size)];
}

/** Notes what is answered; foreseen refusals are fine, everything else is a defect. */
async function attempt<T>(request: Promise<T>, answered: (result: T) => unknown): Promise<void> {
  try {
    answered(await request);
  } catch (error) {
    if (!isUnicoreError(error) || error.code === 'INTERNAL') throw error;
  }
}
