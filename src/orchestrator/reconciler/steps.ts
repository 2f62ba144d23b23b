// SPDX-License-Identifier: BSD-3-Clause
import { isUnicoreError, messageOf, type ErrorCode } from '../../errors/index.js';
import type { Clock } from '../clock.js';
import type { DomainSpec } from '../drivers/driver.js';
import type { ManagedHost } from '../hosts/managed-host.js';
import type { EarlyCreations } from '../instances/early-creations.js';
import { deletedEvent, type InstanceRegistry } from '../instances/instance-registry.js';
import {
  backoffDelay,
  bootMillisecondsOf,
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

export interface StepOptions {
  readonly registry: InstanceRegistry;
  readonly journal: Journal;
  readonly images: ImageCache;
  readonly early: EarlyCreations;
  readonly limits: LifeLimits;
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

const OBSERVE_MILLISECONDS = 1_000;

/** Carries decisions out, each a step of one instance, and notes what came of it. */
export class Steps {
  readonly #o: StepOptions;

  constructor(options: StepOptions) {
    this.#o = options;
  }

  /** Does not reject: a step that fails is put off, or the instance has failed. */
  async take(decision: Decision, host: ManagedHost, record: InstanceRecord): Promise<void> {
    const { registry, logger } = this.#o;
    const { id } = record.instance;
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

  /** Destroys a domain of ours that has no record. */
  async destroyLeftover(host: ManagedHost, id: string): Promise<void> {
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
    // What was begun before it was written may have come to run, or to its end, by now.
    if (now.instance.status.phase !== 'creating') return;
    const paused = now.instance.spec.desired === 'paused' && host.driver.capabilities.createPaused;
    const early = this.#o.early.take(id);
    const abort = early?.abort ?? new AbortController();
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
      await (early?.done ?? host.create(domain, abort.signal));
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
    const early = this.#o.early.take(id);
    early?.abort.abort();
    await early?.done.catch(() => undefined);
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
}

/** Restarts by policy in a row, with the one that is to come; one that was asked for begins a new row. */
function streakOf(record: InstanceRecord): number {
  return wantsRestart(record) ? 0 : (record.progress.restartStreak ?? 0) + 1;
}

/** `DRIVER_FAILED` as a condition's reason: `DriverFailed`. */
function reasonOf(code: ErrorCode): string {
  return code
    .split('_')
    .map((word) => word.charAt(0) + word.slice(1).toLowerCase())
    .join('');
}
