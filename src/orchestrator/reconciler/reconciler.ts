// SPDX-License-Identifier: BSD-3-Clause
import { isUnicoreError, messageOf, type ErrorCode } from '../../errors/index.js';
import type { Clock } from '../clock.js';
import type { DomainSpec } from '../drivers/driver.js';
import type { DomainEvent, ManagedHost } from '../hosts/managed-host.js';
import { ENDED_PHASES } from '../instance.js';
import {
  deletedEvent,
  type Course,
  type InstanceRegistry,
} from '../instances/instance-registry.js';
import {
  backoffDelay,
  bootMillisecondsOf,
  decide,
  restartsByPolicy,
  wantsRestart,
  type Decision,
  type InstanceRecord,
  type LifeLimits,
} from '../lifecycle/index.js';
import type { Logger } from '../logger.js';
import { claimDomain } from '../pools/claim.js';
import type { Journal } from '../state/index.js';
import { consoleTail } from './console-tail.js';
import type { ImageCache } from './image-cache.js';
import { WorkQueue, type Placement, type WorkQueueDepth } from './work-queue.js';

/** `work` makes domains and changes them; `end` takes them away, and does what asks nothing of the host. */
export type LaneName = 'work' | 'end';

export interface ReconcilerOptions {
  readonly registry: InstanceRegistry;
  readonly hosts: ReadonlyMap<string, ManagedHost>;
  readonly journal: Journal;
  readonly images: ImageCache;
  readonly limits: LifeLimits;
  /** How many steps run at the same time on one host, by lane. Found out from how the host does, unless given. */
  readonly concurrency: Readonly<Record<LaneName, number>> | null;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
  /** Wants an instance deleted, because its time is over. */
  readonly expire: (id: string) => Promise<unknown>;
}

/** What another try cannot mend. */
const PERMANENT: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'DRIVER_UNSUPPORTED',
  'UNKNOWN_IMAGE',
  'IMAGE_CORRUPT',
  'NOT_A_UNIKERNEL',
  'INVALID_REQUEST',
]);

const CHANGES_DOMAIN: ReadonlySet<Decision['act']> = new Set<Decision['act']>([
  'create',
  'destroy',
  'pause',
  'resume',
]);

/** A lane of their own, so that a host that is slow to create can still be emptied. */
const DESTROYS_AT_ONCE = 8;
const OBSERVE_MILLISECONDS = 1_000;

/** Brings the world to the records, one step of one instance at a time. */
export class Reconciler {
  readonly #o: ReconcilerOptions;
  readonly #queues = new Map<string, WorkQueue<LaneName>>();

  constructor(options: ReconcilerOptions) {
    this.#o = options;
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
    const { registry, logger } = this.#o;
    const record = registry.get(id);
    if (record === undefined) {
      await this.#destroyLeftover(host, id);
      return;
    }
    const decision = this.#decide(host, record);
    // Only these make what a list says doubtful. An observation that did would outdate the very list that it asks for.
    const acts = CHANGES_DOMAIN.has(decision.act);
    if (acts) registry.touch(id, true);
    try {
      await this.#act(decision, host, record);
      if (registry.get(id) !== undefined) registry.course(id).failures = 0;
    } catch (error) {
      const fields = { instance: id, host: host.id, act: decision.act, err: messageOf(error) };
      logger.warn(fields, 'a step failed');
      this.#failed(decision, host, id, error);
    } finally {
      if (acts) registry.touch(id, false);
    }
  }

  async #act(decision: Decision, host: ManagedHost, record: InstanceRecord): Promise<void> {
    const { registry, journal } = this.#o;
    const { id, spec } = record.instance;
    const { driver } = host;
    switch (decision.act) {
      case 'wait':
      case 'nothing':
        registry.apply(id, { type: 'seen' }, true);
        return;
      case 'create':
        await this.#create(host, record);
        return;
      case 'destroy':
        await this.#destroy(host, id);
        return;
      case 'pause':
        registry.apply(id, { type: 'seen' }, true);
        await host.call('pause', () => driver.pause(id));
        registry.apply(id, { type: 'paused' });
        return;
      case 'resume':
        registry.apply(id, { type: 'seen' }, true);
        await host.call('resume', () => driver.resume(id));
        registry.apply(id, { type: 'resumed' });
        return;
      case 'restart':
        if (!host.capacity.tryReserve(id, spec)) {
          registry.course(id).notBefore = this.#o.clock.monotonic() + OBSERVE_MILLISECONDS;
          return;
        }
        registry.apply(id, { type: 'restarted', streak: streakOf(record) }, true);
        return;
      case 'shutdown':
        await this.#shutdown(host, record);
        return;
      case 'expire':
        await this.#o.expire(id);
        return;
      case 'settle':
        registry.apply(id, { type: 'stable' });
        return;
      case 'give-up':
        await this.#giveUp(host, record);
        return;
      case 'observe':
        registry.course(id).notBefore = this.#o.clock.monotonic() + OBSERVE_MILLISECONDS;
        host.requestSync();
        return;
      case 'remove':
        await journal.commit([{ type: 'delete-instance', id }], [deletedEvent(record)], false);
        registry.remove(id);
    }
  }

  async #create(host: ManagedHost, record: InstanceRecord): Promise<void> {
    const { registry, journal, images } = this.#o;
    const { id, name, spec, status } = record.instance;
    const course = registry.course(id);
    const image = await images.get(spec.image);
    registry.apply(id, { type: 'create-called' }, true);
    // After a crash, a domain of the new incarnation must not be taken for one of the last.
    if (status.restarts > 0) await journal.barrier();
    const now = registry.get(id);
    if (now?.instance.spec.desired === 'deleted' || now === undefined) return;
    const paused = now.instance.spec.desired === 'paused' && host.driver.capabilities.createPaused;
    const abort = new AbortController();
    course.abort = abort;
    const { memoryBytes, vcpus, args } = spec;
    const domain: DomainSpec = { id, name, image, memoryBytes, vcpus, args, paused, park: false };
    try {
      if (status.provisioning === 'warm' && status.restarts === 0) {
        const claimed = await claimDomain(host, id, { name, args });
        if (claimed !== null) {
          registry.apply(id, { type: 'created', paused: claimed === 'paused', warm: true });
          return;
        }
      }
      await host.create(domain, abort.signal);
    } finally {
      course.abort = null;
    }
    registry.apply(id, { type: 'created', paused });
  }

  /** Asks a guest to end. If it cannot be asked, it is ended without. */
  async #shutdown(host: ManagedHost, { instance }: InstanceRecord): Promise<void> {
    const { registry, clock, logger } = this.#o;
    const { id, spec } = instance;
    const course = registry.course(id);
    registry.apply(id, { type: 'destroy-called' }, true);
    course.graceUntil = clock.monotonic() + (spec.graceSeconds ?? 0) * 1000;
    try {
      await host.call('shutdown', () => host.driver.shutdown(id));
    } catch (error) {
      logger.warn(
        { instance: id, host: host.id, err: messageOf(error) },
        'a guest cannot be asked',
      );
      course.graceUntil = clock.monotonic();
    }
  }

  async #destroy(host: ManagedHost, id: string): Promise<void> {
    const { registry, logger } = this.#o;
    registry.apply(id, { type: 'destroy-called' }, true);
    registry.course(id).awaitsEcho = true;
    try {
      await host.call('destroy', () => host.driver.destroy(id));
    } catch (error) {
      if (!isUnicoreError(error, 'DOMAIN_NOT_FOUND')) throw error;
      logger.warn(
        { instance: id, host: host.id },
        'the domain of this id is a stranger; left alone',
      );
    }
    const record = registry.get(id);
    if (record === undefined) return;
    const restart = wantsRestart(record) && record.instance.spec.desired !== 'deleted';
    registry.apply(id, { type: 'gone', restart });
  }

  async #giveUp(host: ManagedHost, record: InstanceRecord): Promise<void> {
    const { registry, clock, limits } = this.#o;
    const { id, spec, status } = record.instance;
    if (status.phase !== 'booting') {
      const message = `It could not be created within ${spec.deadlines?.startSeconds ?? 0} s.`;
      registry.apply(id, { type: 'failed', reason: 'StartDeadline', message }, true);
      return;
    }
    const tail = await consoleTail(host.driver, id, clock);
    // It may have become ready, or have ended, while we read.
    if (registry.get(id)?.instance.status.phase !== 'booting') return;
    const seconds = bootMillisecondsOf(record, limits) / 1000;
    const printed = tail === '' ? 'It printed nothing.' : `It printed last:\n${tail}`;
    const message = `The guest did not reach main within ${seconds} s. ${printed}`;
    registry.apply(id, { type: 'failed', reason: 'BootDeadline', message });
  }

  #failed(decision: Decision, host: ManagedHost, id: string, error: unknown): void {
    const { registry, limits, clock, random } = this.#o;
    const record = registry.get(id);
    if (record === undefined) return;
    const course = registry.course(id);
    course.failures++;
    const delay = backoffDelay(limits.retry, course.failures, random);
    course.notBefore = clock.monotonic() + delay;
    const code = isUnicoreError(error) ? error.code : 'INTERNAL';
    if (code === 'HOST_UNAVAILABLE') {
      // Not the instance's fault: it does not count.
      course.failures = Math.min(course.failures, limits.createAttempts - 1);
      host.requestSync();
      return;
    }
    if (decision.act === 'pause' || decision.act === 'resume') host.requestSync();
    if (decision.act !== 'create') return;
    if (record.instance.spec.desired === 'deleted') {
      course.notBefore = 0;
      return;
    }
    const final = PERMANENT.has(code) || course.failures >= limits.createAttempts;
    const message = messageOf(error);
    const reason = reasonOf(code);
    registry.apply(id, { type: final ? 'failed' : 'refused', reason, message });
    if (final) {
      course.failures = 0;
      course.notBefore = 0;
    }
  }

  async #destroyLeftover(host: ManagedHost, id: string): Promise<void> {
    const { logger, clock } = this.#o;
    try {
      await host.call('destroy', () => host.driver.destroy(id));
      logger.info({ domain: id, host: host.id }, 'destroyed a domain that was half done');
    } catch (error) {
      logger.warn({ domain: id, host: host.id, err: messageOf(error) }, 'a leftover stays for now');
      // The next comparison finds it again.
      clock.schedule(OBSERVE_MILLISECONDS, () => host.requestSync());
    }
    host.leftovers.delete(id);
  }
}

/** Restarts by policy in a row, with the one that is to come; one that was asked for begins a new row. */
function streakOf(record: InstanceRecord): number {
  return wantsRestart(record) ? 0 : (record.progress.restartStreak ?? 0) + 1;
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

/** `DRIVER_FAILED` as a condition's reason: `DriverFailed`. */
function reasonOf(code: ErrorCode): string {
  return code
    .split('_')
    .map((word) => word.charAt(0) + word.slice(1).toLowerCase())
    .join('');
}
