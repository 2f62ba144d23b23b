// SPDX-License-Identifier: BSD-3-Clause
import type { Logger } from 'pino';

/** What was taken, to be given back in reverse. A part that does not stop cleanly is logged, and holds up no other. */
export class UndoStack {
  readonly #steps: (() => Promise<void>)[] = [];

  constructor(private readonly logger: Logger) {}

  push(step: () => Promise<void>): void {
    this.#steps.push(step);
  }

  /** Gives everything back, once. */
  async unwind(): Promise<void> {
    for (const step of this.#steps.splice(0).reverse()) {
      await step().catch((error: unknown) => {
        this.logger.error({ err: error }, 'a part did not stop cleanly');
      });
    }
  }
}
