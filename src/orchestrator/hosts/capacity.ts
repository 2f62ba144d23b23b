// SPDX-License-Identifier: BSD-3-Clause
import type { HostLimit } from '../../diagnosis/index.js';
import type { MemoryOverhead } from '../drivers/driver.js';

/** What one host may be filled with. */
export interface CapacityLimits {
  /** Guest memory in all, in bytes; null for no limit. Default: the host's, less a floor for the host itself. */
  readonly memoryBytes?: number | null | undefined;
  /** Default: no limit. */
  readonly instances?: number | undefined;
}

/** What one guest takes. Of processes, descriptors and the like it takes what the host's limits say. */
export interface Demand {
  readonly memoryBytes: number;
  readonly vcpus: number;
}

const LEAST_FLOOR_BYTES = 256 * 2 ** 20;

/** The room of one host, handed out before anything is created. Each holder is entered once. */
export class Capacity {
  readonly #limits: CapacityLimits;
  readonly #held = new Map<string, Demand>();
  #hostBytes: number | null = null;
  #overhead: MemoryOverhead = { perGuest: 0, perVcpu: 0 };
  /** All that hand out the same memory, itself included. */
  #sharers: ReadonlySet<Capacity> = new Set([this]);
  #hostLimits: readonly HostLimit[] = [];
  #heldGuestBytes = 0;
  #heldVcpus = 0;

  constructor(limits: CapacityLimits = {}) {
    this.#limits = limits;
  }

  /**
   * Learns the host's memory, in bytes, and what each domain takes of it besides its guest's.
   * @param sharers all hosts' that hand out the same memory, with this one among them; it may grow. None unless given
   */
  learn(
    hostBytes: number | null,
    overhead: MemoryOverhead,
    sharers: ReadonlySet<Capacity> = new Set([this]),
  ): void {
    this.#hostBytes = hostBytes;
    this.#overhead = overhead;
    this.#sharers = sharers;
  }

  /** Learns what else the host has only so many of. */
  learnLimits(limits: readonly HostLimit[]): void {
    this.#hostLimits = limits.filter(({ most }) => most !== null && most !== Infinity);
  }

  get limitBytes(): number | null {
    if (this.#limits.memoryBytes !== undefined) return this.#limits.memoryBytes;
    if (this.#hostBytes === null) return null;
    return Math.max(0, this.#hostBytes - Math.max(LEAST_FLOOR_BYTES, this.#hostBytes / 16));
  }

  /** What all holders take, in bytes, with the overhead of each. */
  get heldBytes(): number {
    return this.#heldGuestBytes + this.#overheadOf(this.#held.size, this.#heldVcpus);
  }

  get holders(): number {
    return this.#held.size;
  }

  /** Bytes that can still be reserved; infinite without a limit. What was set for this host is its own, whatever others hold. */
  get freeBytes(): number {
    const limit = this.limitBytes;
    if (limit === null) return Infinity;
    if (this.#limits.memoryBytes !== undefined) return limit - this.heldBytes;
    let held = 0;
    for (const sharer of this.#sharers) held += sharer.heldBytes;
    return limit - held;
  }

  holds(id: string): boolean {
    return this.#held.has(id);
  }

  /** Whether `count` more guests of this size fit. */
  fits(demand: Demand, count = 1): boolean {
    return this.shortage(demand, count) === null;
  }

  /** What there is too little of for `count` more guests, and how to get more of it, for people; null if they fit. */
  shortage(demand: Demand, count = 1): string | null {
    const places = this.#limits.instances ?? Infinity;
    if (this.#held.size + count > places) {
      return `its ${places} places for instances are taken. Delete instances, or raise its capacity in the settings.`;
    }
    const overhead = this.#overheadOf(count, count * demand.vcpus);
    const bytes = demand.memoryBytes * count + overhead;
    if (bytes > this.freeBytes) {
      return `of ${bytes} bytes of memory (${overhead} of them for the hypervisor) ${Math.max(0, this.freeBytes)} are free. Delete instances or ask for less memory.`;
    }
    const full = this.#hostLimits.find((limit) => !this.#leaves(limit, demand, count));
    if (full === undefined) return null;
    const { title, most, unit, kept, fix } = full;
    return `its ${unit} are used up (${title}: ${most}, of which ${kept} are kept for the host itself). Delete instances, or raise it: ${fix}; 'unicore doctor' then makes the daemon see it.`;
  }

  /** Reserves, if there is room or the id holds some already. */
  tryReserve(id: string, demand: Demand): boolean {
    if (this.#held.has(id)) return true;
    if (!this.fits(demand)) return false;
    this.hold(id, demand);
    return true;
  }

  /** Enters what is there anyway, room or not. */
  hold(id: string, { memoryBytes, vcpus }: Demand): void {
    if (this.#held.has(id)) return;
    this.#held.set(id, { memoryBytes, vcpus });
    this.#heldGuestBytes += memoryBytes;
    this.#heldVcpus += vcpus;
  }

  release(id: string): void {
    const held = this.#held.get(id);
    if (held === undefined) return;
    this.#held.delete(id);
    this.#heldGuestBytes -= held.memoryBytes;
    this.#heldVcpus -= held.vcpus;
  }

  #leaves({ most, kept, perGuest, perVcpu }: HostLimit, { vcpus }: Demand, count: number): boolean {
    const guests = (this.#held.size + count) * perGuest;
    return kept + guests + (this.#heldVcpus + count * vcpus) * perVcpu <= (most ?? Infinity);
  }

  #overheadOf(guests: number, vcpus: number): number {
    return guests * this.#overhead.perGuest + vcpus * this.#overhead.perVcpu;
  }
}
