// SPDX-License-Identifier: BSD-3-Clause

/** The file is not what it says it is: a field points outside of it or contradicts another. */
export class FormatError extends Error {
  override readonly name = 'FormatError';
}

/** Reads numbers and pieces of a file. Each read is checked against the file's end; a read past it is a `FormatError`. */
export class ByteReader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  readonly #littleEndian: boolean;

  constructor(bytes: Uint8Array, littleEndian: boolean) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#littleEndian = littleEndian;
  }

  get length(): number {
    return this.bytes.byteLength;
  }

  u8(offset: number): number {
    return this.#view.getUint8(this.#checked(offset, 1));
  }

  u16(offset: number): number {
    return this.#view.getUint16(this.#checked(offset, 2), this.#littleEndian);
  }

  u32(offset: number): number {
    return this.#view.getUint32(this.#checked(offset, 4), this.#littleEndian);
  }

  /** A 64-bit number. Addresses of the upper half lose their lowest bits; sizes and offsets are checked where they are used. */
  u64(offset: number): number {
    return Number(this.#view.getBigUint64(this.#checked(offset, 8), this.#littleEndian));
  }

  /** `size` bytes from `offset` on, not copied. */
  slice(offset: number, size: number): Uint8Array {
    this.#checked(offset, size);
    return this.bytes.subarray(offset, offset + size);
  }

  #checked(offset: number, size: number): number {
    const valid =
      Number.isSafeInteger(offset) &&
      Number.isSafeInteger(size) &&
      offset >= 0 &&
      size >= 0 &&
      offset + size <= this.length;
    if (!valid) {
      throw new FormatError(
        `the file ends at byte ${this.length}, but ${size} bytes at ${offset} are needed`,
      );
    }
    return offset;
  }
}
