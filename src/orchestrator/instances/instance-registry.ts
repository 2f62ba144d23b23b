// SPDX-License-Identifier: BSD-3-Clause
import { monotonicOf, timestamp, type Clock } from '../clock.js';
import type { ManagedHost } from '../hosts/managed-host.js';
import type { Reservations } from '../hosts/reservations.js';
import { ENDED_PHASES, type Instance, type InstancePhase } from '../instance.js';
import {
  conditionOf,
  transition,
  withLifecycle,
  type Fact,
  type InstanceRecord,
} from '../lifecycle/index.js';
import type { LifeStep, OrchestratorObserver } from '../observer.js';
import type { Journal, NewEvent, StoredDefinition, StoredInstance } from '../state/index.js';
import { InstanceTable } from './instance-table.js';

/** What is known of an instance only while this process lives. Times are the clock's monotonic milliseconds. */
export interface Course {
  /** On whose behalf its steps are taken; takes turns with other clients. */
  client: string;
  /** What it was made or changed by, together with others; takes turns with other flows. */
  flow: string;
  phaseSince: number;
  /** When each step of this incarnation was reached, as far as this process saw it. */
  readonly reached: Partial<Record<'accepted' | 'creating' | 'unpaused' | 'stopping', number>>;
  /** The count of all changes when this one was last changed or a driver call about it began or ended. */
  touched: number;
  inFlight: boolean;
  /** Ends the create that is under way. */
  abort: AbortController | null;
  /** Driver calls that failed in a row. */
  failures: number;
  notBefore: number;
  restartAt: number;
  /** Since when this incarnation is wanted. */
  startedAt: number;
  /** When it was created, and when it ended: on this clock, as far as the wall clock tells. */
  readonly bornAt: number;
  endedAt: number;
  /** Until when the guest, which was asked to end, is given time. */
  graceUntil: number | null;
  /** We have called `destroy`, and its `ended` event may still come. */
  awaitsEcho: boolean;
}

export interface RegistryOptions {
  readonly hosts: ReadonlyMap<string, ManagedHost>;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly observer: OrchestratorObserver;
  readonly reservations: Reservations;
}

/** Whose steps take turns with whose: first the clients, then the flows of each. */
export interface Turn {
  readonly client: string;
  readonly flow: string;
}

type ChangeListener = (record: InstanceRecord, before: InstanceRecord | null) => void;

interface Waiter {
  readonly predicate: (instance: Instance) => boolean;
  readonly resolve: (instance: Instance | null) => void;
}

/** The one place where instances change: memory, store, events, capacity and waiters stay in step. */
export class InstanceRegistry {
  readonly table = new InstanceTable();
  readonly #options: RegistryOptions;
  readonly #courses = new Map<string, Course>();
  readonly #names = new Map<string, string>();
  /** Ids by the requests that made them. */
  readonly #requests = new Map<string, string>();
  readonly #waiters = new Map<string, Set<Waiter>>();
  readonly #listeners: ChangeListener[] = [];
  readonly #removed: ((record: InstanceRecord) => void)[] = [];
  #changes = 0;

  constructor(options: RegistryOptions) {
    this.#options = options;
  }

  /** The count of all changes so far. */
  get mark(): number {
    return this.#changes;
  }

  /** Calls the listener after each change of a record. */
  onChange(listener: ChangeListener): void {
    this.#listeners.push(listener);
  }

  onRemoved(listener: (record: InstanceRecord) => void): void {
    this.#removed.push(listener);
  }

  get(id: string): InstanceRecord | undefined {
    return this.table.get(id);
  }

  /** What a request of this name has made. */
  madeBy(requestId: string): InstanceRecord | undefined {
    return this.table.get(this.#requests.get(requestId) ?? '');
  }

  /** @throws if there is no such instance */
  course(id: string): Course {
    const course = this.#courses.get(id);
    if (course === undefined) throw new Error(`There is no instance ${id}.`);
    return course;
  }

  /** Takes a name, so that nobody else gets it while the record is being written. */
  takeName(name: string, id: string): boolean {
    if (this.#names.has(name)) return false;
    this.#names.set(name, id);
    return true;
  }

  freeName(name: string): void {
    this.#names.delete(name);
  }

  /** Lets in a record that is in the store. */
  insert(record: InstanceRecord, turn: Turn, acceptedAt: number | null): void {
    const { id, name } = record.instance;
    this.#names.set(name, id);
    if (record.requestId !== undefined) this.#requests.set(record.requestId, id);
    this.#courses.set(id, {
      ...turn,
      phaseSince: this.#options.clock.monotonic(),
      reached: acceptedAt === null ? {} : { accepted: acceptedAt },
      touched: ++this.#changes,
      inFlight: false,
      abort: null,
      failures: 0,
      notBefore: 0,
      restartAt: 0,
      startedAt: acceptedAt ?? this.#options.clock.monotonic(),
      bornAt: this.#ago(record.instance.createdAt),
      endedAt: this.#ago(record.instance.status.timings.stopped),
      graceUntil: null,
      awaitsEcho: false,
    });
    this.table.put(record);
    this.#options.reservations.follow(record);
    this.#tell(record, null);
  }

  /** States a fact. `seen` says that the reconciler acts on the spec as it now is. */
  apply(id: string, fact: Fact, seen = false): void {
    const before = this.table.get(id);
    if (before === undefined) return;
    const now = timestamp(this.#options.clock);
    const next = transition({ status: before.instance.status, progress: before.progress }, fact, {
      now,
      generation: seen ? before.instance.generation : null,
      restartGeneration: before.restartGeneration,
    });
    const record = withLifecycle(before, next);
    if (record === before) return;
    this.#options.journal.putProgress(id, next);
    this.#replace(record, before);
  }

  /** Takes in a definition that has been written. */
  redefine(id: string, definition: StoredDefinition): void {
    const before = this.table.get(id);
    if (before === undefined || definition.generation <= before.instance.generation) return;
    const { generation, spec, restartGeneration } = definition;
    const instance = { ...before.instance, generation, spec };
    this.#replace({ ...before, instance, restartGeneration }, before);
  }

  /** Forgets an instance whose record is no longer in the store. */
  remove(id: string): void {
    const record = this.table.remove(id);
    if (record === undefined) return;
    this.#names.delete(record.instance.name);
    if (record.requestId !== undefined) this.#requests.delete(record.requestId);
    this.#courses.delete(id);
    this.#options.reservations.release(record);
    const waiters = this.#waiters.get(id);
    this.#waiters.delete(id);
    for (const { resolve } of waiters ?? []) resolve(null);
    for (const listener of this.#removed) listener(record);
  }

  /** Notes that a driver call about an instance began or ended. */
  touch(id: string, inFlight: boolean): void {
    const course = this.#courses.get(id);
    if (course === undefined) return;
    course.touched = ++this.#changes;
    course.inFlight = inFlight;
  }

  /** Counts an instance's further steps to another client's flow. */
  join(id: string, turn: Turn): void {
    const course = this.#courses.get(id);
    if (course !== undefined) Object.assign(course, turn);
  }

  waitUntil(
    id: string,
    predicate: (instance: Instance) => boolean,
    signal?: AbortSignal,
  ): Promise<Instance | null> {
    const current = this.table.get(id)?.instance;
    if (current === undefined) return Promise.resolve(null);
    if (predicate(current)) return Promise.resolve(current);
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const waiters = this.#waiters.get(id) ?? new Set();
      this.#waiters.set(id, waiters);
      const abort = (): void => {
        this.#forget(id, waiter);
        reject(signal?.reason as Error);
      };
      const waiter: Waiter = {
        predicate,
        resolve: (instance) => {
          signal?.removeEventListener('abort', abort);
          resolve(instance);
        },
      };
      waiters.add(waiter);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  #forget(id: string, waiter: Waiter): void {
    const waiters = this.#waiters.get(id);
    waiters?.delete(waiter);
    if (waiters?.size === 0) this.#waiters.delete(id);
  }

  #replace(record: InstanceRecord, before: InstanceRecord): void {
    const { id, status } = record.instance;
    const { clock, journal } = this.#options;
    this.table.put(record);
    const course = this.course(id);
    course.touched = ++this.#changes;
    if (status.restarts > before.instance.status.restarts) course.startedAt = clock.monotonic();
    if (status.phase !== before.instance.status.phase) {
      const reached = clock.monotonic();
      this.#measure(record, before.instance.status.phase, course, reached);
      course.phaseSince = reached;
      if (ENDED_PHASES.has(status.phase)) course.endedAt = reached;
      journal.append(phaseEvent(record, before.instance.status.phase));
    }
    this.#options.reservations.follow(record);
    this.#tell(record, before);
  }

  #tell(record: InstanceRecord, before: InstanceRecord | null): void {
    const { instance } = record;
    for (const waiter of [...(this.#waiters.get(instance.id) ?? [])]) {
      if (!waiter.predicate(instance)) continue;
      this.#forget(instance.id, waiter);
      waiter.resolve(instance);
    }
    for (const listener of this.#listeners) listener(record, before);
  }

  #measure(record: InstanceRecord, from: InstancePhase, course: Course, now: number): void {
    const { phase } = record.instance.status;
    const { reached } = course;
    switch (phase) {
      case 'pending':
        reached.accepted = now;
        delete reached.creating;
        delete reached.unpaused;
        return;
      case 'creating':
        this.#sample(record, 'queue', reached.accepted, now);
        reached.creating = now;
        return;
      case 'booting':
      case 'paused':
        if (from === 'creating') this.#sample(record, 'create', reached.creating, now);
        if (phase === 'booting') reached.unpaused = now;
        return;
      case 'running':
        reached.unpaused ??= now;
        if (from === 'creating') this.#sample(record, 'create', reached.creating, now);
        if (from === 'booting') this.#sample(record, 'boot', reached.unpaused, now);
        if (from === 'creating' || from === 'booting') {
          this.#sample(record, 'spawn', reached.accepted, now);
        }
        return;
      case 'stopping':
        reached.stopping = now;
        return;
      default:
        if (ENDED_PHASES.has(phase)) this.#sample(record, 'stop', reached.stopping, now);
    }
  }

  #sample(record: InstanceRecord, step: LifeStep, since: number | undefined, now: number): void {
    const host = this.#hostOf(record);
    if (since === undefined || host === undefined) return;
    this.#options.observer.step({
      step,
      driver: host.driver.kind,
      host: host.id,
      provisioning: record.instance.status.provisioning,
      seconds: (now - since) / 1000,
    });
  }

  /** When something was that has a time stamp, on the monotonic clock. */
  #ago(time: string | undefined): number {
    const { clock } = this.#options;
    return time === undefined ? clock.monotonic() : monotonicOf(clock, Date.parse(time));
  }

  #hostOf(record: InstanceRecord): ManagedHost | undefined {
    return this.#options.hosts.get(record.instance.spec.host);
  }
}

/** `instance.phase`: what a watcher needs to know without asking. */
export function phaseEvent(record: InstanceRecord, from: InstancePhase | null): NewEvent {
  const { id, name, generation, spec, status } = record.instance;
  const ready = conditionOf(status.conditions, 'Ready');
  return {
    type: 'instance.phase',
    resource: { kind: 'instance', id },
    data: {
      name,
      host: spec.host,
      labels: spec.labels,
      from,
      phase: status.phase,
      generation,
      exitCode: status.exitCode,
      restarts: status.restarts,
      reason: ready === undefined || ready.reason === '' ? null : ready.reason,
      message: ready === undefined || ready.message === '' ? null : ready.message,
    },
  };
}

export function deletedEvent(record: InstanceRecord): NewEvent {
  const { id, name, spec } = record.instance;
  return {
    type: 'instance.deleted',
    resource: { kind: 'instance', id },
    data: { name, host: spec.host, labels: spec.labels },
  };
}

export function definitionOf(record: InstanceRecord): StoredDefinition {
  const { name, owner, createdAt, generation, spec } = record.instance;
  const { restartGeneration, origin, requestId } = record;
  return { name, owner, createdAt, generation, spec, restartGeneration, origin, requestId };
}

export function toStored(record: InstanceRecord): StoredInstance {
  return {
    ordinal: record.ordinal,
    id: record.instance.id,
    definition: definitionOf(record),
    progress: { status: record.instance.status, progress: record.progress },
  };
}

export function fromStored({ ordinal, id, definition, progress }: StoredInstance): InstanceRecord {
  const { name, owner = null, createdAt, generation, spec, ...rest } = definition;
  const { restartGeneration, origin, requestId } = rest;
  return {
    ordinal,
    requestId,
    instance: { id, name, owner, createdAt, generation, spec, status: progress.status },
    restartGeneration,
    origin,
    progress: progress.progress,
  };
}
