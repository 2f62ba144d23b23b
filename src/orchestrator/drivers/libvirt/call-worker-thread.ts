// SPDX-License-Identifier: BSD-3-Clause
import { Worker } from 'node:worker_threads';
import { messageOf, UnicoreError } from '../../../errors/index.js';
import type { NativeCalls } from './native/calls.js';
import { toUnicoreError } from './native/failure.js';
import type { CallMethod, CallReply, CallRequest, CallWorkerData } from './native/messages.js';

/** What to call, and how to speak of it in an error, as in `create the domain uc-web-1`. */
export interface Call<M extends CallMethod = CallMethod> {
  readonly method: M;
  readonly args: Parameters<NativeCalls[M]>;
  readonly action: string;
}

/** One call worker, seen from the main thread. It does one thing at a time; who uses it keeps to that. */
export class CallWorkerThread {
  readonly #worker: Worker;
  readonly #exited: Promise<void>;
  #nextId = 0;
  #waiting: { readonly id: number; readonly settle: (reply: CallReply) => void } | null = null;

  constructor(data: CallWorkerData) {
    this.#worker = new Worker(new URL('./native/call-worker.js', import.meta.url), {
      name: 'libvirt-call',
      workerData: data,
    });
    this.#worker.unref();
    this.#worker.on('message', (reply: CallReply) => this.#take(reply));
    this.#worker.on('error', (error) => this.#die(messageOf(error)));
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#exited = promise;
    this.#worker.on('exit', () => {
      this.#die('the worker thread has ended');
      resolve(undefined);
    });
  }

  /** Makes a call, however long it takes. */
  async call<M extends CallMethod>(
    call: Call<M>,
    generation: number,
  ): Promise<ReturnType<NativeCalls[M]>> {
    const { method, args, action } = call;
    const value = await this.#ask(
      { type: 'call', id: ++this.#nextId, generation, method, args },
      action,
    );
    return value as ReturnType<NativeCalls[M]>;
  }

  /** Opens a connection for the event worker; its address. */
  async openForEvents(): Promise<bigint> {
    const action = 'connect';
    return (await this.#ask({ type: 'open', id: ++this.#nextId }, action)) as bigint;
  }

  /** Resolves when the thread has ended, which is after the call that it is in. */
  async stop(): Promise<void> {
    this.#worker.ref();
    this.#worker.postMessage({ type: 'stop' } satisfies CallRequest);
    await this.#exited;
  }

  async #ask(request: Extract<CallRequest, { id: number }>, action: string): Promise<unknown> {
    const { promise, resolve } = Promise.withResolvers<CallReply>();
    this.#waiting = { id: request.id, settle: resolve };
    this.#worker.ref(); // a call that is waited for keeps the process, as other input and output does
    this.#worker.postMessage(request);
    const reply = await promise;
    this.#worker.unref();
    if (reply.ok) return reply.value;
    throw toUnicoreError(reply.failure, action);
  }

  #take(reply: CallReply): void {
    if (this.#waiting?.id !== reply.id) return;
    const { settle } = this.#waiting;
    this.#waiting = null;
    settle(reply);
  }

  #die(message: string): void {
    if (this.#waiting === null) return;
    this.#take({ id: this.#waiting.id, ok: false, failure: { code: null, domain: 0, message } });
  }
}

/** The error of a call that was given up, or never made. */
export function hostUnavailable(action: string, why: string): UnicoreError {
  return new UnicoreError('HOST_UNAVAILABLE', `could not ${action}: ${why}`);
}
