// SPDX-License-Identifier: BSD-3-Clause
import { randomUUID } from 'node:crypto';
import type { ImageDigest } from '../../build/image.js';
import type { ExchangeProgress, ImageExchange } from '../../build/ports.js';
import { isUnicoreError, messageOf, UnicoreError } from '../../errors/index.js';
import type { Logger } from '../logger.js';
import type {
  ItemError,
  LiveOperation,
  OperationDocument,
  OperationRegistry,
} from '../operations/operation-registry.js';
import type { ImageTransfers, Operation } from '../ports.js';
import type { Journal, NewEvent, StoredDocument } from '../state/index.js';

const PULL = 'images.pull';
const PUSH = 'images.push';
/** More at a time gain nothing, and each holds a connection and a file. */
const MOST_TRANSFERS = 16;
/** Progress is told once for as many bytes. */
const PROGRESS_BYTES = 1024 * 1024;

/** What was asked for, and the digest that came of it. No credentials: they are in the configuration. */
interface TransferPlan {
  readonly reference: string;
  readonly digest: string | null;
}

export interface ImageTransfersOptions {
  readonly exchange: ImageExchange;
  readonly operations: OperationRegistry;
  readonly journal: Journal;
  readonly append: (event: NewEvent) => void;
  readonly logger: Logger;
}

type Transfer = (progress: ExchangeProgress, signal: AbortSignal) => Promise<string>;

/** Pulls and pushes of images as operations. One that the daemon's end cut off has failed: it is asked for again, and costs what is missing. */
export class OperationImageTransfers implements ImageTransfers {
  readonly #o: ImageTransfersOptions;
  readonly #running = new Map<
    string,
    { readonly controller: AbortController; readonly ended: Promise<void> }
  >();

  constructor(options: ImageTransfersOptions) {
    this.#o = options;
    for (const kind of [PULL, PUSH]) {
      options.operations.onCancel(kind, (operation) => this.#cancel(operation));
    }
  }

  static owns(kind: string): boolean {
    return kind === PULL || kind === PUSH;
  }

  async pull(reference: string): Promise<Operation> {
    const { exchange } = this.#o;
    return this.#start(PULL, { reference, digest: null }, async (progress, signal) => {
      const { digest, bytes, bootProtocols } = await exchange.pull(reference, progress, signal);
      this.#o.append({
        type: 'image.imported',
        resource: { kind: 'image', id: digest },
        data: { bytes, bootProtocols },
      });
      return digest;
    });
  }

  async push(digest: ImageDigest, reference: string): Promise<Operation> {
    const { exchange } = this.#o;
    return this.#start(PUSH, { reference, digest }, async (progress, signal) => {
      await exchange.push(digest, reference, progress, signal);
      return digest;
    });
  }

  /** Takes in an operation from the store. */
  resume(stored: StoredDocument): void {
    const { operations } = this.#o;
    const { reference, digest } = (stored.document as OperationDocument).plan as TransferPlan;
    const operation = operations.restore(stored, [{ id: digest, name: reference, error: null }]);
    operations.settle(operation, 0, {
      code: 'SHUTTING_DOWN',
      message: 'The daemon ended before the transfer was done. Ask for it again.',
    });
  }

  /** Ends all transfers. */
  async stop(): Promise<void> {
    const reason = new UnicoreError('SHUTTING_DOWN', 'The daemon is stopping.');
    await Promise.all(
      [...this.#running.values()].map(({ controller, ended }) => {
        controller.abort(reason);
        return ended;
      }),
    );
  }

  async #start(kind: string, plan: TransferPlan, transfer: Transfer): Promise<Operation> {
    const { exchange, operations } = this.#o;
    exchange.requireAllowed(plan.reference);
    if (this.#running.size >= MOST_TRANSFERS) {
      throw new UnicoreError('QUEUE_FULL', `${MOST_TRANSFERS} transfers are under way.`, {
        retryAfterSeconds: 10,
      });
    }
    const id = randomUUID();
    const controller = new AbortController();
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    this.#running.set(id, { controller, ended });
    const done = (): void => {
      this.#running.delete(id);
      end();
    };
    try {
      const item = { id: plan.digest, name: plan.reference, error: null };
      const operation = await operations.begin(id, kind, plan, [item]);
      void this.#run(operation, plan, transfer, controller.signal).finally(done);
    } catch (error) {
      done();
      throw error;
    }
    return operations.get(id);
  }

  async #run(
    operation: LiveOperation,
    plan: TransferPlan,
    transfer: Transfer,
    signal: AbortSignal,
  ): Promise<void> {
    const { operations, logger } = this.#o;
    try {
      const digest = await transfer(this.#progressOf(operation), signal);
      operation.plan = { ...plan, digest };
      operation.items[0] = { id: digest, name: plan.reference, error: null };
      operations.settle(operation, 0, null);
    } catch (error) {
      // A cancelled one is ended by who cancels it.
      if (operation.cancelling) return;
      const { id, kind } = operation;
      logger.warn(
        { operation: id, kind, reference: plan.reference, err: error },
        'transfer failed',
      );
      operations.settle(operation, 0, itemError(error));
    }
  }

  #progressOf(operation: LiveOperation): ExchangeProgress {
    let told = 0;
    return (bytes, totalBytes) => {
      if (bytes - told < PROGRESS_BYTES) return;
      told = bytes;
      const { id, kind, phase, total, done, failed } = operation;
      this.#o.append({
        type: 'operation.progress',
        resource: { kind: 'operation', id },
        data: { kind, phase, total, done, failed, bytes, totalBytes },
      });
    };
  }

  async #cancel(operation: LiveOperation): Promise<void> {
    const running = this.#running.get(operation.id);
    operation.cancelling = true;
    running?.controller.abort(new UnicoreError('OPERATION_CANCELLED', CANCELLED.message));
    await running?.ended;
    if (operation.phase !== 'running') return;
    await this.#o.operations.cancelled(
      operation,
      () => CANCELLED,
      (change) => this.#o.journal.commit([change], []),
    );
  }
}

const CANCELLED: ItemError = {
  code: 'OPERATION_CANCELLED',
  message: 'The operation was cancelled before the transfer was done.',
};

function itemError(error: unknown): ItemError {
  return isUnicoreError(error)
    ? { code: error.code, message: error.message }
    : { code: 'INTERNAL', message: messageOf(error) };
}
