// SPDX-License-Identifier: BSD-3-Clause
import { UnicoreError } from '../../../errors/index.js';
import { type Call, CallWorkerThread, hostUnavailable } from './call-worker-thread.js';
import type { NativeCalls } from './native/calls.js';
import type { CallMethod, CallWorkerData } from './native/messages.js';
import type { Deadlines } from './options.js';

interface Waiting {
  readonly call: Call;
  readonly slow: boolean;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

const SLOW_METHODS: ReadonlySet<CallMethod> = new Set(['create', 'destroy']);
const MAX_QUEUE = 20_000;
/** Threads that may hang in a call at the same time, besides those that work. */
const MAX_STUCK = 8;

/**
 * Makes calls on a few worker threads. One thread is kept free of slow calls, so that a bulk of creations does not hold
 * up a pause. A call that takes longer than its deadline is given up; its thread is replaced, and ends when libvirt lets
 * it (keepalive sees to that), so that one hanging call never stops the others.
 */
export class CallPool {
  readonly #data: CallWorkerData;
  readonly #size: number;
  readonly #deadlines: Deadlines;
  readonly #idle: CallWorkerThread[] = [];
  readonly #quick: Waiting[] = [];
  readonly #slow: Waiting[] = [];
  /** Calls under way. */
  readonly #running = new Set<Promise<void>>();
  /** Threads that are ending, or hang. */
  readonly #leaving = new Set<Promise<void>>();
  #working = 0;
  #slowWorking = 0;
  #stuck = 0;
  /** Null while the host is down. */
  #generation: number | null = null;
  #downReason = 'the host is not connected';
  #closed = false;

  constructor(data: CallWorkerData, size: number, deadlines: Deadlines) {
    this.#data = data;
    this.#size = Math.max(size, 2);
    this.#deadlines = deadlines;
  }

  /** Lets calls through, on connections that are at least as new as this. */
  resume(generation: number): void {
    this.#generation = generation;
    this.#dispatch();
  }

  /** Refuses all calls that wait, and those to come, with HOST_UNAVAILABLE. Calls under way take their course. */
  suspend(reason: string): void {
    this.#generation = null;
    this.#downReason = reason;
    for (const { call, reject } of [...this.#quick.splice(0), ...this.#slow.splice(0)]) {
      reject(hostUnavailable(call.action, reason));
    }
  }

  /**
   * Makes a call when there is a thread for it.
   * @throws HOST_UNAVAILABLE, QUEUE_FULL, and what `toUnicoreError` makes of libvirt's errors
   */
  async call<M extends CallMethod>(
    method: M,
    args: Parameters<NativeCalls[M]>,
    action: string,
  ): Promise<ReturnType<NativeCalls[M]>> {
    if (this.#generation === null) throw hostUnavailable(action, this.#downReason);
    if (this.#quick.length + this.#slow.length >= MAX_QUEUE) {
      throw new UnicoreError('QUEUE_FULL', `could not ${action}: too many calls to libvirt wait`);
    }
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const slow = SLOW_METHODS.has(method);
    (slow ? this.#slow : this.#quick).push({
      call: { method, args, action },
      slow,
      resolve,
      reject,
    });
    this.#dispatch();
    return (await promise) as ReturnType<NativeCalls[M]>;
  }

  /** Ends all threads; resolves when they have ended, or after `patienceMilliseconds` with false. */
  async close(patienceMilliseconds: number): Promise<boolean> {
    this.#closed = true;
    this.suspend('the driver is closed');
    for (const thread of this.#idle.splice(0)) this.#leave(thread);
    const giveUp = performance.now() + patienceMilliseconds;
    while (this.#leaving.size > 0 || this.#running.size > 0) {
      const left = giveUp - performance.now();
      if (left <= 0) return false;
      await raceTimeout(Promise.race([...this.#leaving, ...this.#running]), left);
    }
    return true;
  }

  #dispatch(): void {
    while (this.#generation !== null && this.#working < this.#size) {
      const waiting =
        this.#quick.shift() ??
        (this.#slowWorking < this.#size - 1 ? this.#slow.shift() : undefined);
      if (waiting === undefined) return;
      const running = this.#run(waiting, this.#generation);
      this.#running.add(running);
      void running.finally(() => this.#running.delete(running));
    }
  }

  async #run(waiting: Waiting, generation: number): Promise<void> {
    const { call, slow, resolve, reject } = waiting;
    if (this.#stuck >= MAX_STUCK) {
      reject(hostUnavailable(call.action, 'libvirtd does not answer other calls'));
      return;
    }
    this.#working++;
    if (slow) this.#slowWorking++;
    const thread = this.#idle.pop() ?? new CallWorkerThread(this.#data);
    const answer = thread.call(call, generation);
    const deadline = slow ? this.#deadlines.slow : this.#deadlines.quick;
    try {
      if (await raceTimeout(settled(answer), deadline)) {
        this.#release(thread);
      } else {
        reject(hostUnavailable(call.action, `libvirtd did not answer within ${deadline} ms`));
        this.#stuck++;
        void settled(answer).then(() => this.#stuck--);
        this.#leave(thread);
      }
    } finally {
      this.#working--;
      if (slow) this.#slowWorking--;
    }
    answer.then(resolve, reject);
    this.#dispatch();
  }

  #release(thread: CallWorkerThread): void {
    if (this.#closed) this.#leave(thread);
    else this.#idle.push(thread);
  }

  #leave(thread: CallWorkerThread): void {
    const left = thread.stop();
    this.#leaving.add(left);
    void left.finally(() => this.#leaving.delete(left));
  }
}

async function settled(promise: Promise<unknown>): Promise<true> {
  await promise.catch(() => undefined);
  return true;
}

/** What the promise resolves to, or false after a time. */
export async function raceTimeout<T>(
  promise: Promise<T>,
  milliseconds: number,
): Promise<T | false> {
  const { promise: timeout, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(() => resolve(false), milliseconds);
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
