// SPDX-License-Identifier: BSD-3-Clause

/** Calls under way, by the id of what they are about. */
export type CallsUnderWay = Map<string, Promise<void>>;

/** Waits for the call under way for this id, or makes one. */
export function joinCall(
  underWay: CallsUnderWay,
  id: string,
  make: () => Promise<void>,
): Promise<void> {
  let call = underWay.get(id);
  if (call === undefined) {
    call = make().finally(() => underWay.delete(id));
    underWay.set(id, call);
  }
  return call;
}

/**
 * Creations and destructions of domains, one at a time for each id: who asks for one that is under way waits for it, and a
 * destruction waits for a creation to end, as a creation does for a destruction.
 */
export class LifecycleCalls {
  readonly #creating: CallsUnderWay = new Map();
  readonly #destroying: CallsUnderWay = new Map();

  isCreating(id: string): boolean {
    return this.#creating.has(id);
  }

  /** @throws what the creation throws, or the destruction that it has waited for */
  async create(id: string, make: () => Promise<void>): Promise<void> {
    await this.#destroying.get(id);
    await joinCall(this.#creating, id, make);
  }

  /** @throws what the destruction throws; how a creation ended that it has waited for is nothing to it */
  async destroy(id: string, end: () => Promise<void>): Promise<void> {
    await this.#creating.get(id)?.catch(() => undefined);
    await joinCall(this.#destroying, id, end);
  }

  /** Resolves when those under way have ended, however. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#creating.values());
    await Promise.allSettled(this.#destroying.values());
  }
}
