// SPDX-License-Identifier: BSD-3-Clause
import type { Registry } from 'prom-client';
import type {
  Builder,
  Catalogue,
  Collector,
  Configurator,
  ImageStore,
  SourceStore,
} from '../build/ports.js';
import type {
  EventLog,
  Hosts,
  ImageTransfers,
  Instances,
  Operations,
  WarmPools,
} from '../orchestrator/ports.js';

/** An answer that was given to a request with an Idempotency-Key. */
export interface RecordedAnswer {
  /** SHA-256 of what the request asked for. */
  readonly fingerprint: string;
  readonly status: number;
  readonly location: string | null;
  /** The body, as JSON text. */
  readonly body: string;
}

/** Keeps answers under their keys, bounded in number and time; durable if the adapter is. */
export interface IdempotencyStore {
  load(key: string): Promise<RecordedAnswer | null>;
  save(key: string, answer: RecordedAnswer): Promise<void>;
}

/** Knows which images must stay. */
export interface ImageUsage {
  /** Whether an instance is made of this image. */
  usesImage(digest: string): boolean;
}

/** One thing that must hold before the daemon takes work. */
export interface ReadinessCheck {
  readonly name: string;
  check(): Promise<{ readonly ok: boolean; readonly message: string }>;
}

/** All that the API translates requests into. */
export interface ApiServices {
  readonly catalogue: Catalogue;
  readonly configurator: Configurator;
  readonly builder: Builder;
  readonly images: ImageStore;
  readonly collector: Collector;
  readonly sources: SourceStore;
  readonly instances: Instances;
  readonly operations: Operations;
  readonly transfers: ImageTransfers;
  readonly hosts: Hosts;
  readonly warmPools: WarmPools;
  readonly events: EventLog;
  readonly imageUsage: ImageUsage;
  readonly idempotency: IdempotencyStore;
  readonly readiness: readonly ReadinessCheck[];
  /** Where the parts behind the API have put their metrics; the API adds its own. */
  readonly registry: Registry;
  readonly version: string;
}

/** Under which Nest injects each service. */
export const CATALOGUE = Symbol('Catalogue');
export const CONFIGURATOR = Symbol('Configurator');
export const BUILDER = Symbol('Builder');
export const IMAGES = Symbol('ImageStore');
export const COLLECTOR = Symbol('Collector');
export const SOURCES = Symbol('SourceStore');
export const IMAGE_USAGE = Symbol('ImageUsage');
export const INSTANCES = Symbol('Instances');
export const OPERATIONS = Symbol('Operations');
export const TRANSFERS = Symbol('ImageTransfers');
export const HOSTS = Symbol('Hosts');
export const EVENTS = Symbol('EventLog');
export const IDEMPOTENCY = Symbol('IdempotencyStore');
export const READINESS = Symbol('ReadinessCheck[]');
export const VERSION = Symbol('version');
export const METRICS = Symbol('Metrics');
export const TOKENS = Symbol('TokenRegistry');
export const METRICS_HISTORY = Symbol('MetricsHistory');
export const WARM_POOLS = Symbol('WarmPools');
export const BUILD_QUOTA = Symbol('BuildQuota');
/** An AbortSignal that fires when the daemon stops: waits end with what there is. */
export const STOPPING = Symbol('stopping');
