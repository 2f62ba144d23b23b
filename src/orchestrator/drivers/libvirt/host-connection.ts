// SPDX-License-Identifier: BSD-3-Clause
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../../../errors/index.js';
import { type CallPool, raceTimeout } from './call-pool.js';
import { CallWorkerThread, hostUnavailable } from './call-worker-thread.js';
import { EventLoop, type LifecycleNotice } from './event-loop.js';
import type { CallWorkerData } from './native/messages.js';
import type { Logger } from '../../logger.js';

const FIRST_RETRY_MILLISECONDS = 100;
const LAST_RETRY_MILLISECONDS = 5000;

export interface HostListener {
  onLifecycle(notice: LifecycleNotice): void;
  /** Events are on and calls go through: time to list. The host counts as up when it resolves. */
  synchronise(): Promise<void>;
  onUp(): void;
  onDown(reason: string): void;
}

/** Numbers connections, across all drivers of the process. */
let lastGeneration = 0;

/**
 * Keeps a connection with events to one libvirt, for as long as it is open: connect, register for events, list, and from
 * the start when it breaks. libvirt replays no events, so the list must come after the registration.
 */
export class HostConnection {
  readonly #data: CallWorkerData;
  readonly #pool: CallPool;
  readonly #listener: HostListener;
  readonly #logger: Logger;
  readonly #closing = new AbortController();
  #loop: EventLoop | null = null;
  #connector: CallWorkerThread | null = null;
  #generation: number | null = null;
  #up = false;
  #keeping: Promise<void> | null = null;

  constructor(data: CallWorkerData, pool: CallPool, listener: HostListener, logger: Logger) {
    this.#data = data;
    this.#pool = pool;
    this.#listener = listener;
    this.#logger = logger;
  }

  /**
   * Connects, and keeps connecting.
   * @throws HOST_UNAVAILABLE if the first attempt failed, or takes longer than this; further ones follow nevertheless
   */
  async open(patienceMilliseconds: number): Promise<void> {
    this.#loop = await EventLoop.acquire();
    const first = Promise.withResolvers<undefined>();
    first.promise.catch(() => undefined);
    this.#keeping = this.#keepConnected(this.#loop, first);
    if ((await raceTimeout(first.promise, patienceMilliseconds)) === false) {
      throw hostUnavailable('connect', `${this.#data.uri} did not answer`);
    }
  }

  /** Disconnects. Resolves when the threads have ended, or after this many milliseconds if one hangs in a call. */
  async close(patienceMilliseconds: number): Promise<void> {
    this.#closing.abort();
    const ended = await this.#pool.close(patienceMilliseconds);
    const connectorEnded =
      this.#connector === null ||
      (await raceTimeout(
        this.#connector.stop().then(() => true as const),
        patienceMilliseconds,
      ));
    if (!ended || !connectorEnded) {
      this.#logger.warn({}, 'a call to libvirt still hangs; its thread ends when libvirt lets it');
    }
    if (connectorEnded) await this.#keeping;
    if (this.#generation !== null) await this.#loop?.drop(this.#generation);
    this.#generation = null;
    await this.#loop?.release();
    this.#loop = null;
  }

  async #keepConnected(loop: EventLoop, first: PromiseWithResolvers<undefined>): Promise<void> {
    let retry = FIRST_RETRY_MILLISECONDS;
    while (!this.#closing.signal.aborted) {
      const lost = Promise.withResolvers<string>();
      let reason: string;
      try {
        await this.#connect(loop, lost);
        first.resolve(undefined);
        retry = FIRST_RETRY_MILLISECONDS;
        reason = await this.#untilClosing(lost.promise);
      } catch (error) {
        first.reject(error);
        reason = messageOf(error);
      }
      await this.#down(loop, reason);
      await delay(retry, undefined, { signal: this.#closing.signal }).catch(() => undefined);
      retry = Math.min(retry * 2, LAST_RETRY_MILLISECONDS);
    }
  }

  async #connect(loop: EventLoop, lost: PromiseWithResolvers<string>): Promise<void> {
    // A thread of its own: opening has no deadline inside libvirt, and its end is what tells that the host is back.
    this.#connector ??= new CallWorkerThread(this.#data);
    const pointer = await this.#connector.openForEvents();
    const generation = ++lastGeneration;
    const adopted = await loop.adopt(pointer, generation, {
      onClosed: lost.resolve,
      onLifecycle: (notice) => this.#listener.onLifecycle(notice),
    });
    if (!adopted) throw hostUnavailable('register for events', await lost.promise);
    this.#generation = generation;
    this.#pool.resume(generation);
    const first = await Promise.race([this.#listener.synchronise(), lost.promise]);
    if (typeof first === 'string') throw hostUnavailable('list the domains', first);
    this.#up = true;
    this.#listener.onUp();
  }

  async #down(loop: EventLoop, reason: string): Promise<void> {
    this.#pool.suspend(reason);
    if (this.#closing.signal.aborted) return;
    if (this.#generation !== null) await loop.drop(this.#generation);
    this.#generation = null;
    if (this.#up) this.#logger.warn({ reason }, 'the connection to libvirt is lost');
    else this.#logger.debug({ reason }, 'libvirt does not answer yet');
    const wasUp = this.#up;
    this.#up = false;
    if (wasUp) this.#listener.onDown(reason);
  }

  async #untilClosing(lost: Promise<string>): Promise<string> {
    const closing = Promise.withResolvers<string>();
    const onAbort = () => closing.resolve('the driver is closed');
    this.#closing.signal.addEventListener('abort', onAbort, { once: true });
    if (this.#closing.signal.aborted) onAbort();
    try {
      return await Promise.race([lost, closing.promise]);
    } finally {
      this.#closing.signal.removeEventListener('abort', onAbort);
    }
  }
}
