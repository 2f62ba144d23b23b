// SPDX-License-Identifier: BSD-3-Clause

const NEWLINE = 0x0a;
/** A line that is longer is passed on in pieces. */
const MAX_LINE_BYTES = 64 * 1024;

/** Passes on whole lines, so that the outputs of several programs can be mixed in one log. */
export class LineBuffer {
  readonly #emit: (lines: Buffer) => void;
  #rest: Buffer = Buffer.alloc(0);

  constructor(emit: (lines: Buffer) => void) {
    this.#emit = emit;
  }

  push(chunk: Buffer): void {
    const data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const end = data.lastIndexOf(NEWLINE) + 1;
    if (end > 0) this.#emit(data.subarray(0, end));
    this.#rest = data.subarray(end);
    if (this.#rest.length > MAX_LINE_BYTES) this.end();
  }

  /** Passes on what is left, with a newline. */
  end(): void {
    if (this.#rest.length > 0) this.#emit(Buffer.concat([this.#rest, Buffer.from('\n')]));
    this.#rest = Buffer.alloc(0);
  }
}
