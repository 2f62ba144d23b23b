// SPDX-License-Identifier: BSD-3-Clause
import type { HostLimit } from '../../src/diagnosis/index.js';
import { UnicoreError, type ErrorCode } from '../../src/errors/index.js';
import type { Clock } from '../../src/orchestrator/clock.js';
import type {
  DomainClaim,
  DomainExit,
  DomainObservation,
  DomainSpec,
  DriverEvent,
  HostFacts,
  MemoryOverhead,
} from '../../src/orchestrator/drivers/driver.js';

export type SimCall =
  | 'open'
  | 'facts'
  | 'create'
  | 'destroy'
  | 'shutdown'
  | 'pause'
  | 'resume'
  | 'claim'
  | 'list'
  | 'stats';

/** How a guest behaves: what its image (by digest) or its first argument says, else `lives`. */
export type SimGuest =
  | { readonly does: 'lives' }
  | { readonly does: 'exits'; readonly code: number }
  /** Before it reaches `main`. */
  | { readonly does: 'crashes' }
  /** Never reaches `main`. */
  | { readonly does: 'hangs' };

/** What goes wrong with one call. `after` says whether the call did its work before it failed. */
export interface SimFault {
  readonly call: SimCall;
  readonly code: ErrorCode;
  readonly after: boolean;
}

export interface SimHostOptions {
  readonly clock: Clock;
  readonly memoryBytes?: number;
  readonly machineId?: string;
  readonly onThisMachine?: boolean;
  /** None unless told. */
  readonly overhead?: MemoryOverhead;
  /** What its guests take besides memory. */
  readonly limits?: readonly HostLimit[];
  /** Milliseconds that each call takes, `boot` from the create to `main`, and `event` until one is heard. 0 unless told. A call's may depend on how many of its kind are under way. */
  readonly latency?: Partial<
    Record<SimCall, number | ((underWay: number) => number)> & Record<'boot' | 'event', number>
  >;
  /** How a guest behaves. */
  readonly guest?: (spec: DomainSpec) => SimGuest;
  /** Whether domains that ended stay listed until they are destroyed. */
  readonly remembersEnded?: boolean;
}

export interface SimDomain {
  readonly spec: Pick<DomainSpec, 'id' | 'name' | 'memoryBytes'>;
  readonly owned: boolean;
  readonly guest: SimGuest;
  /** Whether it is to park, and what it was claimed with. */
  readonly park: boolean;
  readonly claims: DomainClaim[];
  state: DomainObservation['state'];
  ready: DomainObservation['ready'];
  parked: boolean;
  exit: DomainExit | null;
  console: Buffer;
  cancelBoot: () => void;
}

/** A host that exists in memory only, and outlives the drivers that are connected to it. */
export class SimHost {
  readonly domains = new Map<string, SimDomain>();
  /** Scripted: each goes wrong once, in this order, on the next call of its kind. */
  readonly faults: SimFault[] = [];
  /** How often each call reached the host. */
  readonly calls: Partial<Record<SimCall, number>> = {};
  /** The greatest number of calls of a kind that were under way at the same time. */
  readonly peak: Partial<Record<SimCall, number>> = {};
  /** What must never happen, and did. */
  readonly violations: string[] = [];
  /** The newest domain of ours with each name. */
  readonly #idsByName = new Map<string, string>();
  readonly #underWay: Partial<Record<SimCall, number>> = {};
  readonly #listeners = new Set<(event: DriverEvent) => void>();
  #down: string | null = null;

  readonly options: SimHostOptions;

  constructor(options: SimHostOptions) {
    this.options = options;
  }

  get clock(): Clock {
    return this.options.clock;
  }

  get isDown(): boolean {
    return this.#down !== null;
  }

  facts(): HostFacts {
    const memoryBytes = this.options.memoryBytes ?? 2 ** 40;
    let used = 0;
    for (const { spec, exit } of this.domains.values()) if (exit === null) used += spec.memoryBytes;
    const freeMemoryBytes = memoryBytes - used;
    const { machineId = null, onThisMachine = false } = this.options;
    const { overhead = { perGuest: 0, perVcpu: 0 } } = this.options;
    const facts = { hypervisor: 'sim', memoryBytes, freeMemoryBytes, cpus: 2, overhead };
    return { ...facts, acceleration: 'sim', machineId, onThisMachine };
  }

  onEvent(listener: (event: DriverEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Stops answering; domains go on. */
  goDown(reason = 'the connection was reset'): void {
    if (this.#down !== null) return;
    this.#down = reason;
    this.tell({ type: 'host-down', reason });
  }

  comeUp(): void {
    if (this.#down === null) return;
    this.#down = null;
    this.tell({ type: 'host-up' });
  }

  /** Puts a domain there that nobody here made. */
  addStranger(id: string): void {
    const spec = { id, name: `stranger-${id.slice(0, 8)}`, memoryBytes: 2 ** 20 };
    this.domains.set(id, newDomain(spec, false, { does: 'lives' }, false));
  }

  /** Ends a domain behind everybody's back, as `virsh destroy` or a fault of the guest does. */
  end(id: string, exit: DomainExit): void {
    const domain = this.domains.get(id);
    if (domain?.exit !== null) return;
    domain.cancelBoot();
    domain.exit = exit;
    domain.parked = false;
    domain.state = exit.reason === 'crashed' ? 'crashed' : 'stopped';
    if (this.options.remembersEnded === false) this.domains.delete(id);
    this.tell({ type: 'ended', id, exit });
  }

  print(id: string, text: string): void {
    const domain = this.domains.get(id);
    if (domain !== undefined) domain.console = Buffer.concat([domain.console, Buffer.from(text)]);
  }

  tell(event: DriverEvent): void {
    // A host that does not answer tells nothing of its domains either.
    if (this.#down !== null && event.type !== 'host-down') return;
    const delay = this.options.latency?.event ?? 0;
    if (delay === 0) this.#deliver(event);
    else this.clock.schedule(delay, () => this.#deliver(event));
  }

  #deliver(event: DriverEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }

  /** Does a call's work, with its latency, its scripted fault, and an unreachable host. */
  async run<T>(call: SimCall, work: () => T, signal?: AbortSignal): Promise<T> {
    this.calls[call] = (this.calls[call] ?? 0) + 1;
    const underWay = (this.#underWay[call] ?? 0) + 1;
    this.#underWay[call] = underWay;
    this.peak[call] = Math.max(this.peak[call] ?? 0, underWay);
    try {
      this.#requireUp();
      const index = this.faults.findIndex((fault) => fault.call === call);
      const [fault] = index < 0 ? [] : this.faults.splice(index, 1);
      if (fault?.after === false) throw new UnicoreError(fault.code, 'a scripted fault, before');
      const told = this.options.latency?.[call] ?? 0;
      const latency = typeof told === 'number' ? told : told(underWay);
      // What a host shows is old by the time it is seen.
      const early = call === 'list' ? { result: work() } : null;
      if (latency > 0) await this.#sleep(latency, signal);
      this.#requireUp();
      const { result } = early ?? { result: work() };
      if (fault?.after === true) throw new UnicoreError(fault.code, 'a scripted fault, after');
      return result;
    } finally {
      this.#underWay[call] = (this.#underWay[call] ?? 1) - 1;
    }
  }

  create(spec: DomainSpec): void {
    const existing = this.domains.get(spec.id);
    if (existing !== undefined) {
      if (!existing.owned) throw new UnicoreError('DRIVER_FAILED', 'the id is a stranger’s');
      return;
    }
    const { id, name, memoryBytes } = spec;
    const namesake = this.domains.get(this.#idsByName.get(name) ?? '');
    if (namesake?.exit === null) this.violations.push(`two domains are named ${name}`);
    // Adding up is only worth its time where there can be too little.
    if (this.options.memoryBytes !== undefined) {
      const { freeMemoryBytes } = this.facts();
      if (freeMemoryBytes !== null && memoryBytes > freeMemoryBytes) {
        throw new UnicoreError('NO_CAPACITY', 'the simulated host has no memory left');
      }
    }
    this.#idsByName.set(name, id);
    const guest = this.options.guest?.(spec) ?? { does: 'lives' };
    const domain = newDomain({ id, name, memoryBytes }, true, guest, spec.park);
    this.domains.set(id, domain);
    this.tell({ type: 'started', id });
    if (spec.paused) {
      domain.state = 'paused';
      this.tell({ type: 'paused', id });
    } else {
      this.#boot(domain);
    }
  }

  destroy(id: string): void {
    const domain = this.domains.get(id);
    if (domain === undefined) return;
    if (!domain.owned) throw new UnicoreError('DOMAIN_NOT_FOUND', 'it is a stranger');
    domain.cancelBoot();
    this.domains.delete(id);
    this.#idsByName.delete(domain.spec.name);
    if (domain.exit !== null) return;
    const exit: DomainExit = { reason: 'destroyed', exitCode: null, message: 'destroyed' };
    domain.exit = exit;
    this.tell({ type: 'ended', id, exit });
  }

  /** A guest that listens ends itself when it is asked; one that hangs does not. */
  shutdown(id: string): void {
    const domain = this.#alive(id);
    if (domain.guest.does === 'hangs' || domain.spec.name.startsWith('deaf')) return;
    this.end(id, { reason: 'exited', exitCode: 0, message: 'asked to end' });
  }

  pause(id: string): void {
    const domain = this.#alive(id);
    if (domain.state === 'paused') return;
    domain.cancelBoot();
    domain.state = 'paused';
    this.tell({ type: 'paused', id });
  }

  resume(id: string): void {
    const domain = this.#alive(id);
    if (domain.state === 'running') return;
    domain.state = 'running';
    this.tell({ type: 'resumed', id });
    if (domain.ready === null) this.#boot(domain);
  }

  claim(id: string, claim: DomainClaim): void {
    const domain = this.#alive(id);
    if (!domain.parked) throw new UnicoreError('INVALID_PHASE', 'it is not parked');
    domain.parked = false;
    domain.claims.push(claim);
    if (domain.claims.length > 1) this.violations.push(`the domain ${id} was claimed twice`);
    this.#reachMain(domain);
  }

  #boot(domain: SimDomain): void {
    if (domain.guest.does === 'hangs') {
      this.print(domain.spec.id, 'loading\nwaiting for a device that is not there\n');
      return;
    }
    const milliseconds = this.options.latency?.boot ?? 0;
    const arrive = (): void => (domain.park ? this.#park(domain) : this.#reachMain(domain));
    if (milliseconds === 0) arrive();
    else domain.cancelBoot = this.clock.schedule(milliseconds, arrive);
  }

  #park(domain: SimDomain): void {
    if (domain.claims.length > 0) return;
    domain.parked = true;
    this.tell({ type: 'parked', id: domain.spec.id });
  }

  #reachMain(domain: SimDomain): void {
    const { id } = domain.spec;
    if (domain.guest.does === 'crashes') {
      this.end(id, { reason: 'crashed', exitCode: null, message: 'panic: a simulated fault' });
      return;
    }
    const bootNanoseconds = 1_000_000;
    domain.ready = { bootNanoseconds };
    this.print(id, 'Hello, world!\n');
    this.tell({ type: 'ready', id, bootNanoseconds });
    if (domain.guest.does === 'exits') {
      const exitCode = domain.guest.code;
      this.end(id, { reason: 'exited', exitCode, message: `exited with code ${exitCode}` });
    }
  }

  #alive(id: string): SimDomain {
    const domain = this.domains.get(id);
    if (domain?.owned !== true || domain.exit !== null) {
      throw new UnicoreError('DOMAIN_NOT_FOUND', `there is no domain ${id}`);
    }
    return domain;
  }

  #requireUp(): void {
    if (this.#down !== null) throw new UnicoreError('HOST_UNAVAILABLE', this.#down);
  }

  async #sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const cancel = this.clock.schedule(milliseconds, resolve);
      signal?.addEventListener('abort', () => {
        cancel();
        reject(new UnicoreError('DRIVER_FAILED', 'the call was given up'));
      });
    });
  }
}

function newDomain(
  spec: SimDomain['spec'],
  owned: boolean,
  guest: SimGuest,
  park: boolean,
): SimDomain {
  return {
    spec,
    owned,
    guest,
    state: 'running',
    park,
    claims: [],
    ready: null,
    parked: false,
    exit: null,
    console: Buffer.alloc(0),
    cancelBoot: () => undefined,
  };
}
