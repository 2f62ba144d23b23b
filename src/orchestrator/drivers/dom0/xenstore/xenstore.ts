// SPDX-License-Identifier: BSD-3-Clause
import type { Duplex } from 'node:stream';
import { Connection } from './connection.js';
import { isRefusal, XenstoreRefusal } from './refusal.js';
import { XenstoreView } from './view.js';
import { MESSAGE, stringsOf } from './wire.js';

/** As the guests' own client (uc/xenstore.h). */
const MOST_ATTEMPTS = 100;
/** Above what a busy dom0 under emulation was seen to take. */
const TIMEOUT_MILLISECONDS = 60_000;

export interface XenstoreOptions {
  /** For people: whose xenstored it is. */
  readonly description: string;
  readonly timeoutMilliseconds?: number;
}

/** A client of xenstored, over any stream that reaches its socket. */
export class Xenstore extends XenstoreView {
  readonly #listeners: Map<string, (path: string) => void>;
  #lastToken = 0;

  constructor(stream: Duplex, { description, timeoutMilliseconds }: XenstoreOptions) {
    const listeners = new Map<string, (path: string) => void>();
    const connection = new Connection(stream, {
      description,
      timeoutMilliseconds: timeoutMilliseconds ?? TIMEOUT_MILLISECONDS,
      onEvent: (path, token) => listeners.get(token)?.(path),
    });
    super(connection, 0);
    this.#listeners = listeners;
  }

  /** Resolves when the connection is lost or closed. */
  get ended(): Promise<void> {
    return this.connection.ended;
  }

  close(): void {
    this.connection.close();
  }

  /**
   * Tells of each change at a path or below it, and once when it is set. `@introduceDomain` and `@releaseDomain` are paths, too. Resolves
   * with what ends the watch.
   */
  async watch(path: string, listener: (path: string) => void): Promise<() => Promise<void>> {
    const token = String(++this.#lastToken);
    this.#listeners.set(token, listener);
    try {
      await this.request(MESSAGE.WATCH, [path, token], `watch ${path}`);
    } catch (error) {
      this.#listeners.delete(token);
      throw error;
    }
    return async () => {
      // What was on its way goes nowhere.
      this.#listeners.delete(token);
      await this.request(MESSAGE.UNWATCH, [path, token], `end the watch of ${path}`);
    };
  }

  /**
   * Does something as if at one moment: again for as long as other changes come between. Others see all of it or, where `work` throws,
   * nothing.
   * @throws what `work` throws; XenstoreRefusal EAGAIN if others always come between
   */
  async transaction<T>(work: (view: XenstoreView) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#attempt(work);
      } catch (error) {
        if (!isRefusal(error, 'EAGAIN') || attempt === MOST_ATTEMPTS) throw error;
      }
    }
  }

  async #attempt<T>(work: (view: XenstoreView) => Promise<T>): Promise<T> {
    const what = 'begin a transaction';
    const started = await this.request(MESSAGE.TRANSACTION_START, [''], what);
    const [number = ''] = stringsOf(started);
    if (!/^[1-9]\d{0,9}$/.test(number)) throw new XenstoreRefusal(what, 'EIO');
    const view = new TransactionView(this.connection, Number(number));
    let result: T;
    try {
      result = await work(view);
    } catch (error) {
      // It ends with the connection where it cannot be told to.
      await view.end(false).catch(() => undefined);
      throw error;
    }
    await view.end(true);
    return result;
  }
}

class TransactionView extends XenstoreView {
  async end(commit: boolean): Promise<void> {
    const what = commit ? 'take a transaction' : 'undo a transaction';
    await this.request(MESSAGE.TRANSACTION_END, [commit ? 'T' : 'F'], what);
  }
}
