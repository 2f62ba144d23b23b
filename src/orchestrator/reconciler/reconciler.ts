// SPDX-License-Identifier: BSD-3-Clause
import type { DomainEvent, ManagedHost } from '../hosts/managed-host.js';
import { ENDED_PHASES } from '../instance.js';
import type { Course } from '../instances/instance-registry.js';
import {
  backoffDelay,
  decide,
  restartsByPolicy,
  type Decision,
  type InstanceRecord,
} from '../lifecycle/index.js';
import { Steps, type StepOptions } from './steps.js';
import { WorkQueue, type Placement, type WorkQueueDepth } from './work-queue.js';

/** `work` makes domains and changes them; `end` takes them away, and does what asks nothing of the host. */
export type LaneName = 'work' | 'end';

export interface ReconcilerOptions extends StepOptions {
  readonly hosts: ReadonlyMap<string, ManagedHost>;
  /** How many steps run at the same time on one host, by lane. Found out from how the host does, unless given. */
  readonly concurrency: Readonly<Record<LaneName, number>> | null;
}

/** A lane of their own, so that a host that is slow to create can still be emptied. */
const DESTROYS_AT_ONCE = 8;

/** Brings the world to the records, one step of one instance at a time. */
export class Reconciler {
  readonly #o: ReconcilerOptions;
  readonly #steps: Steps;
  readonly #queues = new Map<string, WorkQueue<LaneName>>();

  constructor(options: ReconcilerOptions) {
    this.#o = options;
    this.#steps = new Steps(options);
    const { clock, concurrency, hosts, registry } = options;
    for (const host of hosts.values()) {
      const queue = new WorkQueue<LaneName>({
        lanes: {
          work: () => concurrency?.work ?? host.creates.limit,
          end: () => concurrency?.end ?? DESTROYS_AT_ONCE,
        },
        place: (id) => this.#place(host, id),
        run: (id) => this.#run(host, id),
        clock,
      });
      this.#queues.set(host.id, queue);
    }
    registry.onChange((record, before) => this.#changed(record, before));
  }

  /** Work that waits or runs, by host. */
  depths(): ReadonlyMap<string, WorkQueueDepth> {
    return new Map([...this.#queues].map(([host, queue]) => [host, queue.depth]));
  }

  /** Looks at a key of a host: an instance of ours, or a domain without a record. */
  poke(host: string, id: string): void {
    this.#queues.get(host)?.poke(id);
  }

  /** Starts no more steps, and resolves when those under way have ended. */
  async stop(): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.stop()));
  }

  /** Folds in what a driver tells. */
  fold(event: DomainEvent): void {
    const { registry } = this.#o;
    const record = registry.get(event.id);
    if (record === undefined) return;
    const { provisioning, phase } = record.instance.status;
    const unclaimed = phase === 'pending' || phase === 'creating';
    if (event.type === 'ended' && provisioning === 'warm' && unclaimed) {
      // It may not have been the instance yet: the claim finds nothing then, or else the next list tells of the end.
      this.#o.hosts.get(record.instance.spec.host)?.requestSync();
      return;
    }
    const course = registry.course(event.id);
    switch (event.type) {
      case 'started':
        course.awaitsEcho = false;
        registry.touch(event.id, course.inFlight);
        return;
      case 'ended':
        // The end that our own destroy caused says nothing new, and may come when the next incarnation is on its way.
        if (course.awaitsEcho && event.exit.reason === 'destroyed') {
          course.awaitsEcho = false;
          return;
        }
        registry.apply(event.id, event);
        return;
      case 'parked':
        return;
      case 'ready':
      case 'paused':
      case 'resumed':
        registry.apply(event.id, event);
    }
  }

  #changed(record: InstanceRecord, before: InstanceRecord | null): void {
    const { registry, clock, limits, random } = this.#o;
    const { id, spec, status } = record.instance;
    const course = registry.course(id);
    if (spec.desired === 'deleted') course.abort?.abort();
    const earlier = before?.instance.status.phase;
    if (before !== null && earlier !== status.phase && ENDED_PHASES.has(status.phase)) {
      const since = clock.monotonic() - (course.reached.unpaused ?? clock.monotonic());
      const stable = since >= limits.stableMilliseconds;
      const streak = record.progress.restartStreak ?? 0;
      const delay = stable ? 0 : backoffDelay(limits.restart, streak + 1, random);
      course.restartAt = restartsByPolicy(record) ? clock.monotonic() + delay : 0;
    }
    // A step that a failure put off is not put off any more if the user wants something else.
    if (before !== null && before.instance.generation !== record.instance.generation) {
      course.notBefore = 0;
      course.failures = 0;
    }
    this.poke(spec.host, id);
  }

  #decide(host: ManagedHost, record: InstanceRecord): Decision {
    const { clock, limits, registry } = this.#o;
    const course = registry.course(record.instance.id);
    const { notBefore, phaseSince, restartAt, graceUntil } = course;
    return decide(record, {
      now: clock.monotonic(),
      hostUp: host.state === 'up',
      notBefore,
      phaseSince,
      restartAt,
      startedAt: course.startedAt,
      expiresAt: expiresAt(record, course),
      graceUntil,
      canShutdown: host.driver.capabilities.gracefulShutdown,
      limits,
    });
  }

  #place(host: ManagedHost, id: string): Placement<LaneName> {
    const record = this.#o.registry.get(id);
    if (record === undefined) {
      const due = host.leftovers.has(id) && host.state === 'up';
      return due ? { lane: 'end', client: '', flow: 'leftovers' } : null;
    }
    const decision = this.#decide(host, record);
    const { client, flow } = this.#o.registry.course(id);
    const { generation, status } = record.instance;
    switch (decision.act) {
      case 'nothing':
      case 'wait':
        if (status.observedGeneration < generation) return { lane: 'end', client, flow };
        return decision.act === 'wait' ? { waitMilliseconds: decision.milliseconds } : null;
      case 'create':
      case 'pause':
      case 'resume':
      case 'give-up':
        return { lane: 'work', client, flow };
      case 'destroy':
      case 'remove':
      case 'restart':
      case 'shutdown':
      case 'expire':
      case 'settle':
      case 'observe':
        return { lane: 'end', client, flow };
    }
  }

  async #run(host: ManagedHost, id: string): Promise<void> {
    const record = this.#o.registry.get(id);
    if (record === undefined) await this.#steps.destroyLeftover(host, id);
    else await this.#steps.take(this.#decide(host, record), host, record);
  }
}

/** When an instance is to be deleted, on the clock of its course; null for never. */
function expiresAt(record: InstanceRecord, { bornAt, endedAt }: Course): number | null {
  const { spec, status } = record.instance;
  const { ttlSeconds = null, ttlAfterFinishedSeconds = null } = spec;
  const ended = ENDED_PHASES.has(status.phase) && !restartsByPolicy(record);
  const times = [
    ttlSeconds === null ? Infinity : bornAt + ttlSeconds * 1000,
    ttlAfterFinishedSeconds === null || !ended
      ? Infinity
      : endedAt + ttlAfterFinishedSeconds * 1000,
  ];
  const first = Math.min(...times);
  return first === Infinity ? null : first;
}
