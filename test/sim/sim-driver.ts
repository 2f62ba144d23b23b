// SPDX-License-Identifier: BSD-3-Clause
import { UnicoreError } from '../../src/errors/index.js';
import type {
  ConsoleChunk,
  ConsoleReading,
  DomainClaim,
  DomainObservation,
  DomainSpec,
  DomainStats,
  DriverCapabilities,
  DriverEvent,
  HostFacts,
  HypervisorDriver,
} from '../../src/orchestrator/drivers/driver.js';
import type { Around } from './boundaries.js';
import type { SimCall, SimHost } from './sim-host.js';

export const SIM_CAPABILITIES: DriverCapabilities = {
  bootProtocols: ['pvh', 'linux-elf'],
  architectures: ['x86_64'],
  platforms: ['sim'],
  pause: true,
  createPaused: true,
  park: true,
  gracefulShutdown: true,
  console: 'output',
  exitCode: true,
  stats: true,
};

/** A connection to a simulated host. */
export class SimDriver implements HypervisorDriver {
  readonly kind = 'sim';
  readonly capabilities: DriverCapabilities;
  readonly createsAhead = true;
  readonly #host: SimHost;
  readonly #around: Around;
  readonly #listeners = new Set<(event: DriverEvent) => void>();
  #unsubscribe: () => void;
  #closed = false;
  #cut = false;

  constructor(
    host: SimHost,
    capabilities: Partial<DriverCapabilities> = {},
    around: Around = (_what, effect) => effect(),
  ) {
    this.#host = host;
    this.#around = around;
    this.capabilities = { ...SIM_CAPABILITIES, ...capabilities };
    this.#unsubscribe = host.onEvent((event) => {
      for (const listener of [...this.#listeners]) listener(event);
    });
  }

  /** What SIGKILL does to the daemon: calls under way reach the host or not, but nobody hears of it any more. */
  cut(): void {
    this.#cut = true;
    this.#unsubscribe();
  }

  open(): Promise<void> {
    return this.#call('open', () => undefined);
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#unsubscribe();
    return Promise.resolve();
  }

  facts(): Promise<HostFacts> {
    return this.#call('facts', () => this.#host.facts());
  }

  create(spec: DomainSpec, signal?: AbortSignal): Promise<void> {
    return this.#call('create', () => this.#host.create(spec), signal);
  }

  destroy(id: string): Promise<void> {
    return this.#call('destroy', () => this.#host.destroy(id));
  }

  shutdown(id: string): Promise<void> {
    return this.#call('shutdown', () => this.#host.shutdown(id));
  }

  pause(id: string): Promise<void> {
    return this.#call('pause', () => this.#host.pause(id));
  }

  resume(id: string): Promise<void> {
    return this.#call('resume', () => this.#host.resume(id));
  }

  claim(id: string, claim: DomainClaim): Promise<void> {
    return this.#call('claim', () => this.#host.claim(id, claim));
  }

  list(): Promise<readonly DomainObservation[]> {
    return this.#call('list', () =>
      [...this.#host.domains.values()].map(({ spec, owned, state, ready, parked, exit }) => {
        return { id: spec.id, name: spec.name, owned, state, ready, parked, exit };
      }),
    );
  }

  stats(): Promise<readonly DomainStats[]> {
    return this.#call('stats', () =>
      [...this.#host.domains.values()]
        .filter(({ owned, exit }) => owned && exit === null)
        .map(({ spec: { id, memoryBytes } }) => ({ id, cpuNanoseconds: 1_000, memoryBytes })),
    );
  }

  async *readConsole(
    id: string,
    fromOffset: number,
    { signal, follow = true }: ConsoleReading = {},
  ): AsyncGenerator<ConsoleChunk> {
    const domain = this.#host.domains.get(id);
    if (domain === undefined) throw new UnicoreError('DOMAIN_NOT_FOUND', `no domain ${id}`);
    const data = domain.console.subarray(fromOffset);
    if (data.byteLength > 0) yield { offset: fromOffset, data };
    // It prints no more by itself: wait for the end, or for the reader to go.
    if (domain.exit !== null || !follow || signal?.aborted === true) return;
    await new Promise<void>((resolve) => {
      signal?.addEventListener('abort', () => resolve(), { once: true });
      this.onEvent((event) => {
        if (event.type === 'ended' && event.id === id) resolve();
      });
    });
  }

  writeConsole(): Promise<void> {
    return Promise.reject(new UnicoreError('DRIVER_UNSUPPORTED', 'sim guests take no input'));
  }

  onEvent(listener: (event: DriverEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #call<T>(call: SimCall, work: () => T, signal?: AbortSignal): Promise<T> {
    if (this.#cut) return new Promise<T>(() => undefined);
    if (this.#closed) throw new UnicoreError('HOST_UNAVAILABLE', 'the driver is closed');
    try {
      return await this.#around(call, () => this.#host.run(call, work, signal));
    } finally {
      if (this.#isCut()) await new Promise<never>(() => undefined);
    }
  }

  #isCut(): boolean {
    return this.#cut;
  }
}
