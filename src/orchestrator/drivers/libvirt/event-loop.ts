// SPDX-License-Identifier: BSD-3-Clause
import { Worker } from 'node:worker_threads';
import { messageOf } from '../../../errors/index.js';
import { type Libvirt, loadLibvirt } from './native/libvirt.js';
import type { EventNotice, EventRequest } from './native/messages.js';

export type LifecycleNotice = Extract<EventNotice, { type: 'lifecycle' }>;

/** Who hears of one connection's events. */
export interface ConnectionListener {
  onClosed(reason: string): void;
  onLifecycle(notice: LifecycleNotice): void;
}

/**
 * The thread that runs libvirt's event loop. libvirt has one loop for a process, which serves the keepalive of all its
 * connections: so all drivers of a process share this one. It runs while somebody holds it.
 */
export class EventLoop {
  static #shared: EventLoop | null = null;
  /** The end of the thread before this one: two must not run the loop at the same time. */
  static #lastExit: Promise<void> = Promise.resolve();

  readonly #libvirt: Libvirt;
  readonly #worker: Worker;
  readonly #timer: Promise<number>;
  readonly #adopting = new Map<number, (adopted: boolean) => void>();
  readonly #listeners = new Map<number, ConnectionListener>();
  #holders = 0;

  /** The process's loop, running; to be released once. Must be held before any connection is opened. */
  static async acquire(): Promise<EventLoop> {
    if (EventLoop.#shared === null) await EventLoop.#lastExit;
    // Another holder may have started it meanwhile.
    const loop = (EventLoop.#shared ??= new EventLoop());
    loop.#holders++;
    await loop.#timer;
    return loop;
  }

  private constructor() {
    this.#libvirt = loadLibvirt();
    this.#worker = new Worker(new URL('./native/event-worker.js', import.meta.url), {
      name: 'libvirt-events',
    });
    const running = Promise.withResolvers<number>();
    this.#timer = running.promise;
    this.#worker.on('message', (notice: EventNotice) => {
      if (notice.type !== 'running') {
        this.#take(notice);
        return;
      }
      this.#worker.unref();
      running.resolve(notice.timer);
    });
    this.#worker.on('error', (error) => {
      running.reject(error);
      this.#fail(messageOf(error));
    });
    const exited = Promise.withResolvers<undefined>();
    EventLoop.#lastExit = exited.promise;
    this.#worker.on('exit', () => {
      if (EventLoop.#shared === this) EventLoop.#shared = null;
      this.#fail('the event thread has ended');
      exited.resolve(undefined);
    });
  }

  /** Takes over a connection, at this address, and tells of its events. False if it failed meanwhile. */
  async adopt(
    connection: bigint,
    generation: number,
    listener: ConnectionListener,
  ): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#adopting.set(generation, resolve);
    this.#listeners.set(generation, listener);
    this.#worker.ref();
    await this.#post({ type: 'adopt', connection, generation });
    const adopted = await promise;
    this.#worker.unref();
    if (!adopted) this.#listeners.delete(generation);
    return adopted;
  }

  /** Closes an adopted connection. Its listener hears nothing more. */
  async drop(generation: number): Promise<void> {
    this.#listeners.delete(generation);
    await this.#post({ type: 'release', generation });
  }

  /** The opposite of `acquire`. Resolves when the loop has ended, if nobody else holds it. */
  async release(): Promise<void> {
    this.#holders--;
    if (this.#holders > 0) return;
    if (EventLoop.#shared === this) EventLoop.#shared = null;
    const exit = EventLoop.#lastExit;
    this.#worker.ref();
    await this.#post({ type: 'stop' });
    await exit;
  }

  async #post(request: EventRequest): Promise<void> {
    const timer = await this.#timer;
    this.#worker.postMessage(request);
    this.#libvirt.updateTimeout(timer, 0);
  }

  #take(notice: Exclude<EventNotice, { type: 'running' }>): void {
    switch (notice.type) {
      case 'adopted':
        this.#settleAdoption(notice.generation, true);
        break;
      case 'closed': {
        const { generation } = notice;
        this.#settleAdoption(generation, false);
        const listener = this.#listeners.get(generation);
        this.#listeners.delete(generation);
        listener?.onClosed(notice.reason);
        break;
      }
      case 'lifecycle':
        this.#listeners.get(notice.generation)?.onLifecycle(notice);
        break;
    }
  }

  #settleAdoption(generation: number, adopted: boolean): void {
    this.#adopting.get(generation)?.(adopted);
    this.#adopting.delete(generation);
  }

  #fail(reason: string): void {
    const generations = new Set([...this.#adopting.keys(), ...this.#listeners.keys()]);
    for (const generation of generations) this.#take({ type: 'closed', generation, reason });
  }
}
