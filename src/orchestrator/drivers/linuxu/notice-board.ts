// SPDX-License-Identifier: BSD-3-Clause

/** Something to wait for. `forget` must be called if the promise is not awaited to its end. */
export interface Notice {
  readonly promise: Promise<void>;
  forget(): void;
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Who waits for a notice about which instance. */
export class NoticeBoard {
  readonly #waiters = new Map<string, Set<Waiter>>();

  /** Resolves at the next `post` for this id, or when the signal fires; rejects with `failAll`. */
  wait(id: string, signal?: AbortSignal): Notice {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    // Whoever forgets a notice does not want to hear of its failure either.
    promise.catch(() => undefined);
    const waiter: Waiter = { resolve: () => resolve(undefined), reject };
    const waiters = this.#waiters.get(id) ?? new Set();
    this.#waiters.set(id, waiters.add(waiter));
    signal?.addEventListener('abort', waiter.resolve, { once: true });
    if (signal?.aborted === true) waiter.resolve();
    const forget = () => {
      signal?.removeEventListener('abort', waiter.resolve);
      waiters.delete(waiter);
      if (waiters.size === 0 && this.#waiters.get(id) === waiters) this.#waiters.delete(id);
    };
    return { promise, forget };
  }

  post(id: string): void {
    const waiters = this.#waiters.get(id);
    this.#waiters.delete(id);
    for (const waiter of waiters ?? []) waiter.resolve();
  }

  failAll(error: Error): void {
    const all = [...this.#waiters.values()];
    this.#waiters.clear();
    for (const waiters of all) for (const waiter of waiters) waiter.reject(error);
  }

  waited(): readonly string[] {
    return [...this.#waiters.keys()];
  }
}
