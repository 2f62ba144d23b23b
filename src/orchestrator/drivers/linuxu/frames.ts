// SPDX-License-Identifier: BSD-3-Clause
import { formatUuid } from '../../uuid.js';

/** Frames of the launcher's socket: native/launcher/PROTOCOL.md. All integers are little-endian. */
export interface Frame {
  readonly type: number;
  readonly status: number;
  readonly request: number;
  readonly payload: Buffer;
}

const HEADER_BYTES = 12;
export const PAYLOAD_BYTES_MAX = 262_144;

/** The bytes of one frame. */
export function encodeFrame(type: number, request: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(payload.length, 0);
  header.writeUInt16LE(type, 4);
  header.writeUInt32LE(request, 8);
  return Buffer.concat([header, payload]);
}

/** Cuts a stream of bytes into frames. */
export class FrameSplitter {
  #pending: Buffer = Buffer.alloc(0);

  /** The frames that are complete with these bytes. @throws RangeError if one says that it is longer than any may be */
  push(bytes: Buffer): Frame[] {
    const all = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    const frames: Frame[] = [];
    let at = 0;
    while (all.length - at >= HEADER_BYTES) {
      const length = all.readUInt32LE(at);
      if (length > PAYLOAD_BYTES_MAX) throw new RangeError(`a frame of ${length} bytes`);
      const end = at + HEADER_BYTES + length;
      if (all.length < end) break;
      frames.push({
        type: all.readUInt16LE(at + 4),
        status: all.readUInt16LE(at + 6),
        request: all.readUInt32LE(at + 8),
        payload: all.subarray(at + HEADER_BYTES, end),
      });
      at = end;
    }
    this.#pending = all.subarray(at);
    return frames;
  }
}

/** Builds a payload field by field. */
export class PayloadWriter {
  readonly #parts: Buffer[] = [];

  u8(value: number): this {
    return this.#add(1, (part) => part.writeUInt8(value));
  }

  u16(value: number): this {
    return this.#add(2, (part) => part.writeUInt16LE(value));
  }

  u32(value: number): this {
    return this.#add(4, (part) => part.writeUInt32LE(value));
  }

  u64(value: number | bigint): this {
    return this.#add(8, (part) => part.writeBigUInt64LE(BigInt(value)));
  }

  uuid(id: string): this {
    return this.bytes(Buffer.from(id.replaceAll('-', ''), 'hex'));
  }

  text(text: string): this {
    const bytes = Buffer.from(text);
    return this.u16(bytes.length).bytes(bytes);
  }

  bytes(bytes: Uint8Array): this {
    this.#parts.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    return this;
  }

  done(): Buffer {
    return Buffer.concat(this.#parts);
  }

  #add(size: number, write: (part: Buffer) => void): this {
    const part = Buffer.allocUnsafe(size);
    write(part);
    this.#parts.push(part);
    return this;
  }
}

/** Reads a payload field by field. Each method throws a RangeError if the payload ends before the field does. */
export class PayloadReader {
  readonly #payload: Buffer;
  #at = 0;

  constructor(payload: Buffer) {
    this.#payload = payload;
  }

  u8(): number {
    return this.#payload.readUInt8(this.#advance(1));
  }

  u16(): number {
    return this.#payload.readUInt16LE(this.#advance(2));
  }

  u32(): number {
    return this.#payload.readUInt32LE(this.#advance(4));
  }

  i32(): number {
    return this.#payload.readInt32LE(this.#advance(4));
  }

  u64(): bigint {
    return this.#payload.readBigUInt64LE(this.#advance(8));
  }

  uuid(): string {
    const at = this.#advance(16);
    return formatUuid(this.#payload.toString('hex', at, at + 16));
  }

  text(): string {
    const length = this.u16();
    const at = this.#advance(length);
    return this.#payload.toString('utf8', at, at + length);
  }

  rest(): Buffer {
    return this.#payload.subarray(this.#at);
  }

  #advance(count: number): number {
    const at = this.#at;
    if (at + count > this.#payload.length) throw new RangeError('the payload is too short');
    this.#at += count;
    return at;
  }
}
