// SPDX-License-Identifier: BSD-3-Clause

/** What one host may be filled with. */
export interface CapacityLimits {
  /** Guest memory in all, in bytes; null for no limit. Default: the host's, less a floor for the host itself. */
  readonly memoryBytes?: number | null;
  /** What a domain takes besides its guest's memory, in bytes. Default 0. */
  readonly overheadBytes?: number;
  /** Default: no limit. */
  readonly instances?: number;
}

const LEAST_FLOOR_BYTES = 256 * 2 ** 20;

/** The memory and places of one host, handed out before anything is created. Each holder is entered once. */
export class Capacity {
  readonly #limits: CapacityLimits;
  readonly #held = new Map<string, number>();
  #hostBytes: number | null = null;
  #heldBytes = 0;

  constructor(limits: CapacityLimits = {}) {
    this.#limits = limits;
  }

  /** Learns the host's memory, in bytes. */
  learn(hostBytes: number | null): void {
    this.#hostBytes = hostBytes;
  }

  get limitBytes(): number | null {
    if (this.#limits.memoryBytes !== undefined) return this.#limits.memoryBytes;
    if (this.#hostBytes === null) return null;
    return Math.max(0, this.#hostBytes - Math.max(LEAST_FLOOR_BYTES, this.#hostBytes / 16));
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  get holders(): number {
    return this.#held.size;
  }

  /** Bytes that can still be reserved; infinite without a limit. */
  get freeBytes(): number {
    const limit = this.limitBytes;
    return limit === null ? Infinity : limit - this.#heldBytes;
  }

  holds(id: string): boolean {
    return this.#held.has(id);
  }

  /** Whether `count` more guests of this memory fit. */
  fits(memoryBytes: number, count = 1): boolean {
    if (this.#held.size + count > (this.#limits.instances ?? Infinity)) return false;
    return this.#cost(memoryBytes) * count <= this.freeBytes;
  }

  /** Reserves, if there is room or the id holds some already. */
  tryReserve(id: string, memoryBytes: number): boolean {
    if (this.#held.has(id)) return true;
    if (!this.fits(memoryBytes)) return false;
    this.hold(id, memoryBytes);
    return true;
  }

  /** Enters what is there anyway, room or not. */
  hold(id: string, memoryBytes: number): void {
    if (this.#held.has(id)) return;
    const cost = this.#cost(memoryBytes);
    this.#held.set(id, cost);
    this.#heldBytes += cost;
  }

  release(id: string): void {
    this.#heldBytes -= this.#held.get(id) ?? 0;
    this.#held.delete(id);
  }

  #cost(memoryBytes: number): number {
    return memoryBytes + (this.#limits.overheadBytes ?? 0);
  }
}
