// SPDX-License-Identifier: BSD-3-Clause
import { randomUUID } from 'node:crypto';
import type { ImageDigest } from '../../../src/build/image.js';
import { UnicoreError } from '../../../src/errors/index.js';
import type { ConsoleChunk } from '../../../src/orchestrator/drivers/driver.js';
import type { Instance, InstancePhase } from '../../../src/orchestrator/instance.js';
import type {
  CreateInstance,
  EventLog,
  EventRecord,
  Host,
  HostExamination,
  Hosts,
  ImageTransfers,
  ChangeOptions,
  InstanceChange,
  InstanceQuery,
  Instances,
  InstanceSelection,
  InstanceUpdate,
  Operation,
  OperationItem,
  Operations,
  Page,
} from '../../../src/orchestrator/ports.js';

const now = () => new Date().toISOString();

/** A phrase that must never leave the daemon: fakes put it into the causes of errors. */
export const INTERNAL_PHRASE = 'internal-detail-of-the-fake';

export class FakeEvents implements EventLog {
  readonly records: EventRecord[] = [];
  readonly #listeners = new Set<(event: EventRecord) => void>();
  /** Events up to this one are no longer kept. */
  expired = 0;

  get lastSeq() {
    return this.records.length;
  }
  append(event: Omit<EventRecord, 'seq' | 'time'>) {
    const record = { ...event, seq: this.records.length + 1, time: now() };
    this.records.push(record);
    for (const listener of this.#listeners) listener(record);
  }
  read(since: number, limit: number) {
    if (since < this.expired) throw new UnicoreError('EVENTS_EXPIRED', 'Too old.');
    return this.records.slice(since, since + limit);
  }
  subscribe(listener: (event: EventRecord) => void) {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }
}

export class FakeInstances implements Instances {
  readonly instances = new Map<string, Instance>();
  readonly consoles = new Map<string, string[]>();
  readonly written: string[] = [];
  readonly operations = new Map<string, Operation>();
  readonly requests: CreateInstance[] = [];
  readonly graces: number[] = [];
  /** The phase that a new instance gets. */
  nextPhase: InstancePhase = 'running';
  /** What the next create fails with. */
  failure: Error | null = null;

  constructor(private readonly events: FakeEvents) {}

  create(request: CreateInstance): Promise<Instance> {
    this.requests.push(request);
    if (this.failure !== null) return Promise.reject(this.failure);
    if ('app' in request.source && request.source.app !== 'helloworld') {
      return Promise.reject(new UnicoreError('UNKNOWN_APP', `There is no ${request.source.app}.`));
    }
    const id = randomUUID();
    const time = now();
    const instance: Instance = {
      id,
      name: request.name ?? `helloworld-${id.slice(0, 8)}`,
      owner: request.client?.name ?? null,
      createdAt: time,
      generation: 1,
      spec: {
        image: 'image' in request.source ? request.source.image : `sha256:${'0'.repeat(64)}`,
        app: 'app' in request.source ? request.source.app : null,
        target: 'target' in request.source ? request.source.target : null,
        host: request.host ?? 'local',
        memoryBytes: request.memoryBytes ?? 16_777_216,
        vcpus: request.vcpus ?? 1,
        args: request.args ?? [],
        labels: request.labels ?? {},
        restartPolicy: request.restartPolicy ?? 'never',
        ttlSeconds: request.ttlSeconds ?? null,
        desired: request.paused === true ? 'paused' : 'running',
      },
      status: {
        observedGeneration: 1,
        phase: this.nextPhase,
        conditions: [],
        provisioning: 'cold',
        readiness: 'guest',
        exitCode: null,
        bootNanoseconds: 1234,
        timings: { accepted: time, created: time, ready: time },
        restarts: 0,
      },
    };
    this.instances.set(id, instance);
    this.consoles.set(id, ['Hello from Unicore\n']);
    this.#tell(id, 'instance.phase', { phase: this.nextPhase });
    return Promise.resolve(instance);
  }
  createMany(request: CreateInstance, count: number): Promise<Operation> {
    this.requests.push(request);
    const items = Array.from({ length: count }, (_, index) => ({
      id: randomUUID(),
      name: `web-${index + 1}`,
      error: index % 3 === 2 ? { code: 'NAME_TAKEN', message: 'It is taken.' } : null,
    }));
    return Promise.resolve(this.#operation('instances.create', 'running', items));
  }
  changeMany(
    change: InstanceChange,
    selection: InstanceSelection,
    { graceSeconds }: ChangeOptions = {},
  ): Promise<Operation> {
    const [key, value] = 'selector' in selection ? selection.selector.split('=') : [];
    const items: OperationItem[] = [];
    for (const { id, name, spec } of this.instances.values()) {
      if (key !== undefined && spec.labels[key] !== value) continue;
      items.push({ id, name, error: null });
      if (change === 'delete') void this.delete(id, undefined, graceSeconds);
      else void this[change](id);
    }
    return Promise.resolve(this.#operation(`instances.${change}`, 'succeeded', items));
  }
  #operation(kind: string, phase: Operation['phase'], items: readonly OperationItem[]): Operation {
    const operation: Operation = {
      id: randomUUID(),
      kind,
      phase,
      total: items.length,
      done: phase === 'succeeded' ? items.length : 0,
      failed: 0,
      items,
      createdAt: now(),
      finishedAt: null,
    };
    this.operations.set(operation.id, operation);
    return operation;
  }
  get(id: string): Instance {
    const instance = this.instances.get(id);
    if (instance === undefined) {
      throw new UnicoreError('UNKNOWN_INSTANCE', `There is no instance ${id}.`);
    }
    return instance;
  }
  list({ limit = 100, cursor, phase, selector }: InstanceQuery): Page<Instance> {
    const [key, value] = selector?.split('=') ?? [];
    const all = [...this.instances.values()].filter(
      (each) =>
        (phase === undefined || each.status.phase === phase) &&
        (key === undefined || each.spec.labels[key] === value),
    );
    const start = Number(cursor ?? 0);
    const next = start + limit;
    return { items: all.slice(start, next), next: next < all.length ? String(next) : null };
  }
  usageOf(client: string) {
    const owned = [...this.instances.values()].filter(({ owner }) => owner === client);
    const sum = (size: (spec: Instance['spec']) => number) =>
      owned.reduce((total, { spec }) => total + size(spec), 0);
    return {
      instances: owned.length,
      memoryBytes: sum(({ memoryBytes }) => memoryBytes),
      vcpus: sum(({ vcpus }) => vcpus),
    };
  }
  counts() {
    const counts: Record<InstancePhase, number> = {
      pending: 0,
      creating: 0,
      paused: 0,
      booting: 0,
      running: 0,
      stopping: 0,
      stopped: 0,
      failed: 0,
      lost: 0,
    };
    for (const { status } of this.instances.values()) counts[status.phase] += 1;
    return counts;
  }
  waitUntil(id: string, predicate: (instance: Instance) => boolean, signal?: AbortSignal) {
    const instance = this.instances.get(id) ?? null;
    if (instance === null || predicate(instance)) return Promise.resolve(instance);
    return new Promise<Instance | null>((_resolve, reject) => {
      signal?.addEventListener('abort', () => {
        reject(signal.reason as Error);
      });
    });
  }
  delete(id: string, ifGeneration?: number, graceSeconds?: number): Promise<Instance> {
    this.graces.push(graceSeconds ?? 0);
    const instance = this.instances.get(id);
    if (instance === undefined) {
      return Promise.reject(new UnicoreError('UNKNOWN_INSTANCE', `There is no instance ${id}.`));
    }
    if (ifGeneration !== undefined && ifGeneration !== instance.generation) {
      return Promise.reject(new UnicoreError('GENERATION_MISMATCH', 'It has changed.'));
    }
    this.instances.delete(id);
    this.#tell(id, 'instance.deleted', {});
    return Promise.resolve(instance);
  }
  update(id: string, changes: InstanceUpdate, ifGeneration?: number): Promise<Instance> {
    const old = this.get(id);
    if (ifGeneration !== undefined && ifGeneration !== old.generation) {
      return Promise.reject(new UnicoreError('GENERATION_MISMATCH', 'It has changed.'));
    }
    const { labels = {}, ...others } = changes;
    const kept = Object.entries({ ...old.spec.labels, ...labels }).flatMap(([key, value]) =>
      value === null ? [] : [[key, value] as const],
    );
    const spec = { ...old.spec, ...others, labels: Object.fromEntries(kept) };
    const instance = { ...old, generation: old.generation + 1, spec };
    this.instances.set(id, instance);
    return Promise.resolve(instance);
  }
  pause(id: string) {
    return this.#set(id, 'paused', 'paused');
  }
  resume(id: string) {
    return this.#set(id, 'running', 'running');
  }
  restart(id: string) {
    return this.#set(id, 'running', 'running');
  }
  async *readConsole(id: string, fromOffset: number): AsyncGenerator<ConsoleChunk> {
    const data = Buffer.from((this.consoles.get(id) ?? []).join('')).subarray(fromOffset);
    if (data.length > 0) yield await Promise.resolve({ offset: fromOffset, data });
  }
  writeConsole(_id: string, data: Uint8Array) {
    this.written.push(Buffer.from(data).toString());
    return Promise.resolve();
  }
  stats() {
    return Promise.resolve(null);
  }
  usesImage(digest: string) {
    return [...this.instances.values()].some(({ spec }) => spec.image === digest);
  }

  #set(id: string, phase: InstancePhase, desired: 'running' | 'paused'): Promise<Instance> {
    const old = this.instances.get(id);
    if (old === undefined) {
      return Promise.reject(new UnicoreError('UNKNOWN_INSTANCE', `There is no instance ${id}.`));
    }
    const instance = {
      ...old,
      spec: { ...old.spec, desired },
      status: { ...old.status, phase },
    };
    this.instances.set(id, instance);
    this.#tell(id, 'instance.phase', { phase });
    return Promise.resolve(instance);
  }
  #tell(id: string, type: string, data: Readonly<Record<string, unknown>>) {
    this.events.append({ type, resource: { kind: 'instance', id }, data });
  }
}

export class FakeOperations implements Operations {
  constructor(private readonly instances: FakeInstances) {}

  get(id: string): Operation {
    const operation = this.instances.operations.get(id);
    if (operation === undefined) {
      throw new UnicoreError('UNKNOWN_OPERATION', `There is no operation ${id}.`);
    }
    return operation;
  }
  list() {
    return [...this.instances.operations.values()];
  }
  cancel(id: string): Promise<Operation> {
    const operation: Operation = { ...this.get(id), phase: 'cancelled', finishedAt: now() };
    this.instances.operations.set(id, operation);
    return Promise.resolve(operation);
  }
  wait(id: string) {
    return this.cancel(id);
  }
}

/** Transfers that are done at once, to any registry but one. */
export class FakeTransfers implements ImageTransfers {
  constructor(private readonly instances: FakeInstances) {}

  pull(reference: string): Promise<Operation> {
    return this.#done('images.pull', `sha256:${'1'.repeat(64)}`, reference);
  }
  push(digest: ImageDigest, reference: string): Promise<Operation> {
    return this.#done('images.push', digest, reference);
  }

  #done(kind: string, id: string, name: string): Promise<Operation> {
    if (name.startsWith('elsewhere.example/')) {
      const detail = 'The configuration does not name elsewhere.example.';
      return Promise.reject(new UnicoreError('REGISTRY_NOT_ALLOWED', detail));
    }
    const operation: Operation = {
      id: randomUUID(),
      kind,
      phase: 'succeeded',
      total: 1,
      done: 1,
      failed: 0,
      items: [{ id, name, error: null }],
      createdAt: now(),
      finishedAt: now(),
    };
    this.instances.operations.set(operation.id, operation);
    return Promise.resolve(operation);
  }
}

export const fakeHosts: Hosts = {
  list: () =>
    Promise.resolve<readonly Host[]>([
      {
        id: 'local',
        driver: 'linuxu',
        state: 'up',
        reason: null,
        capabilities: {
          bootProtocols: ['linux-elf'],
          architectures: ['x86_64'],
          platforms: ['linuxu'],
          pause: true,
          createPaused: true,
          park: true,
          gracefulShutdown: true,
          console: 'both',
          exitCode: true,
          stats: true,
        },
        facts: null,
        concurrency: 16,
        reservedBytes: 0,
        instances: 0,
        strangers: 0,
      },
    ]),
  async get(id) {
    const host = (await this.list()).find((each) => each.id === id);
    if (host === undefined) throw new UnicoreError('UNKNOWN_HOST', `There is no host ${id}.`);
    return host;
  },
  async examine(id) {
    const { driver } = await this.get(id);
    return { host: id, driver, findings: FINDINGS };
  },
};

const SUBJECT = { title: 'Open files', why: 'Each guest takes some.', fix: 'ulimit -n 1048576' };
const FINDINGS: HostExamination['findings'] = [
  { ...SUBJECT, id: 'linuxu.nofile', severity: 'problem', found: '64 descriptors' },
  { ...SUBJECT, id: 'linuxu.seccomp', severity: 'ok', found: 'all of it', fix: '' },
];
