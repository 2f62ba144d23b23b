// SPDX-License-Identifier: BSD-3-Clause
import type { ImageDigest } from '../build/image.js';
import type { SourceDigest } from '../build/ports.js';
import type { Target } from '../build/target.js';
import type { Finding } from '../diagnosis/index.js';
import type {
  ConsoleChunk,
  ConsoleReading,
  DomainStats,
  DriverCapabilities,
  DriverKind,
  HostFacts,
} from './drivers/driver.js';
import type { Deadlines, Instance, InstancePhase, RestartPolicy } from './instance.js';

/** What all instances of one client may take together; what is left out is not bounded. */
export interface Quota {
  readonly instances?: number;
  readonly memoryBytes?: number;
  readonly vcpus?: number;
}

/** What instances take of a quota, from their acceptance until they are gone, running or not. */
export interface QuotaUsage {
  readonly instances: number;
  readonly memoryBytes: number;
  readonly vcpus: number;
}

/** On whose behalf a request is made: the name of the token, and what it may take. */
export interface Client {
  readonly name: string;
  readonly quota: Quota;
}

/** What a client asks for: an image, or an application and a target to build (or find built) first. */
export interface CreateInstance {
  /** Who asks. Clients take turns, and their instances count against their quotas. Nobody in particular unless given. */
  readonly client?: Client;
  /**
   * Names the request, so that one that is made again after its answer was lost finds what the first one made: if there is an
   * instance, or for `createMany` an operation, of this name, that one is the answer. Not for requests at the same time.
   */
  readonly requestId?: string;
  readonly source:
    | { readonly image: ImageDigest }
    | {
        readonly app: string;
        /** The upload that the application is, if it is not one of the pools. */
        readonly source?: SourceDigest | undefined;
        readonly target: Target;
        readonly symbols: Readonly<Record<string, string>>;
      };
  /** Given, or made up from the application's name and the id. */
  readonly name?: string;
  readonly host?: string;
  /** Default: what the image needs, rounded up to what the host's driver can give. */
  readonly memoryBytes?: number;
  readonly vcpus?: number;
  readonly args?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly restartPolicy?: RestartPolicy;
  readonly restartLimit?: number | null;
  readonly ttlSeconds?: number | null;
  readonly ttlAfterFinishedSeconds?: number | null;
  readonly deadlines?: Deadlines;
  readonly paused?: boolean;
  /** `cold` takes nothing from a warm pool. Default `any`. */
  readonly provisioning?: 'any' | 'cold';
}

/** Which instances a list is about, and how much of it. */
export interface InstanceQuery {
  /** `key=value`, `key!=value`, `key`, `!key`, joined by commas; all must hold. */
  readonly selector?: string;
  readonly phase?: InstancePhase;
  readonly host?: string;
  /** At most 500; 100 unless told. */
  readonly limit?: number;
  /** `next` of the page before. */
  readonly cursor?: string;
}

/** What may be changed of an instance that is there. What is left out stays. */
export interface InstanceUpdate {
  /** Added to those that there are; null takes one away. */
  readonly labels?: Readonly<Record<string, string | null>>;
  readonly restartPolicy?: RestartPolicy;
  /** Null: no limit. */
  readonly restartLimit?: number | null;
  readonly ttlSeconds?: number | null;
  readonly ttlAfterFinishedSeconds?: number | null;
}

/** What can be done to an instance that is there. */
export type InstanceChange = 'delete' | 'pause' | 'resume' | 'restart';

/** Which instances a request is about: those whose labels fit, or all. */
export type InstanceSelection = { readonly selector: string } | { readonly all: true };

export interface ChangeOptions {
  /** Who asks. */
  readonly client?: Client;
  /** With `delete`: guests are asked to end first, and given that long, where their drivers can ask. Default 0. */
  readonly graceSeconds?: number;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Asks for the next page, or null at the end. */
  readonly next: string | null;
}

/** The instances of all hosts. Calls edit the spec and return; the reconciler does the rest. */
export interface Instances {
  /**
   * Accepts one instance: the image is there, the host chosen, the record durable.
   * @throws everything that a build can end with, UNKNOWN_IMAGE, NAME_TAKEN, UNKNOWN_HOST, NO_HOST_FOR_TARGET,
   * HOST_UNAVAILABLE, NO_CAPACITY, QUOTA_EXCEEDED, INVALID_REQUEST, STORAGE_FULL, SHUTTING_DOWN
   */
  create(request: CreateInstance, signal?: AbortSignal): Promise<Instance>;
  /**
   * Accepts `count` at once, at most 10,000; names by `name` as a template, in which `{n}` is 1 and so on, and `{n:04}` the same
   * with zeros in front; without either, `-{n}` follows it. Progress and results are the operation's; an
   * item is done when its instance runs, is paused as asked or has stopped by itself, and failed when the instance has.
   * With `allOrNothing` it is refused as a whole if a name is taken or not all fit.
   * @throws as `create`, for what holds for all of them
   */
  createMany(
    request: CreateInstance,
    count: number,
    options?: { readonly allOrNothing?: boolean },
  ): Promise<Operation>;
  /**
   * Changes all instances that are selected now. An item is done when the instance is as asked, or for `delete` gone.
   * @throws INVALID_REQUEST if the selection names nothing or too much, STORAGE_FULL, SHUTTING_DOWN
   */
  changeMany(
    change: InstanceChange,
    selection: InstanceSelection,
    options?: ChangeOptions,
  ): Promise<Operation>;
  /** @throws UNKNOWN_INSTANCE */
  get(id: string): Instance;
  list(query: InstanceQuery): Page<Instance>;
  /** What a client's instances take of its quota. */
  usageOf(client: string): QuotaUsage;
  /** How many instances there are in each phase. */
  counts(): Readonly<Record<InstancePhase, number>>;
  /** Resolves when the predicate holds, with the instance as it then is; or with null when it is gone. */
  waitUntil(
    id: string,
    predicate: (instance: Instance) => boolean,
    signal?: AbortSignal,
  ): Promise<Instance | null>;
  /**
   * Ends and removes it. With `graceSeconds` the guest is asked to end first, and given that long, where its driver can ask.
   * @throws UNKNOWN_INSTANCE, GENERATION_MISMATCH
   */
  delete(id: string, ifGeneration?: number, graceSeconds?: number): Promise<Instance>;
  /** @throws UNKNOWN_INSTANCE, GENERATION_MISMATCH, INVALID_REQUEST, INVALID_PHASE */
  update(id: string, changes: InstanceUpdate, ifGeneration?: number): Promise<Instance>;
  /** @throws UNKNOWN_INSTANCE, INVALID_PHASE, DRIVER_UNSUPPORTED */
  pause(id: string): Promise<Instance>;
  resume(id: string): Promise<Instance>;
  restart(id: string): Promise<Instance>;
  readConsole(
    id: string,
    fromOffset: number,
    reading?: ConsoleReading,
  ): AsyncIterable<ConsoleChunk>;
  writeConsole(id: string, data: Uint8Array): Promise<void>;
  stats(id: string): Promise<DomainStats | null>;
}

/** A long-running request. */
export interface Operation {
  readonly id: string;
  readonly kind: string;
  readonly phase: 'running' | 'succeeded' | 'failed' | 'cancelled';
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  /** One for each item, as far as they are known. A live view, not a copy. */
  readonly items: readonly OperationItem[];
  readonly createdAt: string;
  readonly finishedAt: string | null;
}

export interface OperationItem {
  readonly id: string | null;
  readonly name: string;
  readonly error: { readonly code: string; readonly message: string } | null;
}

export interface Operations {
  /** @throws UNKNOWN_OPERATION */
  get(id: string): Operation;
  list(): readonly Operation[];
  /** What has not been done is not done any more; what is under way is undone. Does nothing if it has ended. */
  cancel(id: string): Promise<Operation>;
  /** The operation when it has ended. @throws UNKNOWN_OPERATION; the signal's reason if it fires first */
  wait(id: string, signal?: AbortSignal): Promise<Operation>;
}

/** Images to and from registries, as operations of one item: its name is the reference, its id the image's digest once known. */
export interface ImageTransfers {
  /** @throws INVALID_REFERENCE, REGISTRY_NOT_ALLOWED, QUEUE_FULL */
  pull(reference: string): Promise<Operation>;
  push(digest: ImageDigest, reference: string): Promise<Operation>;
}

/** Guests that are made ahead and kept ready, so that an instance of the same image and size is there at once. */
export interface WarmPoolSpec {
  readonly source: CreateInstance['source'];
  /** Default: any host that can run the image. */
  readonly host?: string;
  readonly memoryBytes?: number;
  readonly vcpus?: number;
  /**
   * `booted`: the guest waits before `main`, and takes any arguments. `created`: it is paused at its first instruction, and is only
   * for requests with the same arguments. Default: `booted` where the image can park.
   */
  readonly warmth?: 'booted' | 'created';
  /** Of `created` guests. */
  readonly args?: readonly string[];
  /** How many are kept, by how many are asked for: within these bounds, at most 1,000. */
  readonly minimum: number;
  readonly maximum: number;
}

export interface WarmPool {
  readonly name: string;
  readonly spec: WarmPoolSpec;
  readonly image: ImageDigest;
  readonly memoryBytes: number;
  readonly vcpus: number;
  readonly warmth: 'booted' | 'created';
  /** How many there should be now, are ready, and are being made. */
  readonly target: number;
  readonly ready: number;
  readonly warming: number;
  /** Requests since this daemon started that got a guest of it, and that found none. */
  readonly hits: number;
  readonly misses: number;
  /** As in `Full`, `Warming`, `NoCapacity`, `HostUnavailable`, `RefillFailed`, `NotParking`; with words for people. */
  readonly condition: { readonly reason: string; readonly message: string };
  readonly createdAt: string;
}

export interface WarmPools {
  /**
   * Makes a pool, or changes it: guests that do not fit any more are replaced.
   * @throws everything that a build can end with, UNKNOWN_IMAGE, UNKNOWN_HOST, NO_HOST_FOR_TARGET, HOST_UNAVAILABLE,
   * INVALID_REQUEST, DRIVER_UNSUPPORTED, STORAGE_FULL, SHUTTING_DOWN
   */
  put(name: string, spec: WarmPoolSpec, signal?: AbortSignal): Promise<WarmPool>;
  list(): readonly WarmPool[];
  /** @throws UNKNOWN_WARM_POOL */
  get(name: string): WarmPool;
  /** Forgets the pool; its guests are destroyed. @throws UNKNOWN_WARM_POOL, STORAGE_FULL */
  delete(name: string): Promise<void>;
}

/** One hypervisor endpoint that a driver looks after. */
export interface Host {
  readonly id: string;
  readonly driver: DriverKind;
  /** `up`, or `down` with the reason. */
  readonly state: 'up' | 'down';
  readonly reason: string | null;
  readonly capabilities: DriverCapabilities;
  readonly facts: Omit<HostFacts, 'machineId' | 'onThisMachine'> | null;
  /** How many domains it is given to create at the same time, found out from how it does. */
  readonly concurrency: number;
  /** Memory that our instances on it have reserved, with what each takes besides. */
  readonly reservedBytes: number;
  /** Our instances on it, and the domains there that are not ours. */
  readonly instances: number;
  readonly strangers: number;
}

/** What a look at a host has found, the worst first. */
export interface HostExamination {
  readonly host: string;
  readonly driver: DriverKind;
  readonly findings: readonly Finding[];
}

export interface Hosts {
  list(): Promise<readonly Host[]>;
  /** @throws UNKNOWN_HOST */
  get(id: string): Promise<Host>;
  /** Looks for what keeps guests from doing well there, and changes nothing. Takes two minutes at most. @throws UNKNOWN_HOST */
  examine(id: string): Promise<HostExamination>;
}

export type ResourceKind = 'instance' | 'host' | 'build' | 'image' | 'operation' | 'warm-pool';

/** A change, numbered in the order of all changes. */
export interface EventRecord {
  readonly seq: number;
  readonly time: string;
  /** As in `instance.phase`, `build.finished`. */
  readonly type: string;
  readonly resource: { readonly kind: ResourceKind; readonly id: string };
  readonly data: Readonly<Record<string, unknown>>;
}

export interface EventLog {
  /** The number of the newest event; 0 if there was none. */
  readonly lastSeq: number;
  /**
   * Appends. The event is written before any subscriber hears of it, so that no end of the daemon loses it. A power failure
   * may take back the newest ones; `read` then says EVENTS_EXPIRED.
   */
  append(event: Omit<EventRecord, 'seq' | 'time'>): void;
  /** Events after `since`, oldest first, at most `limit`. @throws EVENTS_EXPIRED if some of them are no longer kept */
  read(since: number, limit: number): readonly EventRecord[];
  /** Calls the listener with each event from now on, in order, until the returned function is called. */
  subscribe(listener: (event: EventRecord) => void): () => void;
}
