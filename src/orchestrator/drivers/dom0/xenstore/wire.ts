// SPDX-License-Identifier: BSD-3-Clause

/**
 * The messages of xenstored, as in Xen's public header io/xs_wire.h (struct xsd_sockmsg): four words in the machine's order (all that
 * run Xen are little-endian), then the payload. What each request carries stands in Xen's docs/misc/xenstore.txt.
 */
export interface Message {
  readonly type: number;
  readonly requestId: number;
  readonly transaction: number;
  readonly payload: Buffer;
}

/** enum xsd_sockmsg_type: those that we use. */
export const MESSAGE = {
  DIRECTORY: 1,
  READ: 2,
  WATCH: 4,
  UNWATCH: 5,
  TRANSACTION_START: 6,
  TRANSACTION_END: 7,
  WRITE: 11,
  WATCH_EVENT: 15,
  ERROR: 16,
  DIRECTORY_PART: 22,
} as const;

/** XENSTORE_PAYLOAD_MAX, which xenstored keeps to, and holds us to. */
export const MOST_PAYLOAD_BYTES = 4096;
/** oxenstored (4.17) answers on its socket with as much as there is, as in the names of a large folder: more than 32,768 domains have. */
export const MOST_REPLY_BYTES = 1024 * 1024;
/** XENSTORE_ABS_PATH_MAX */
export const MOST_PATH_BYTES = 3072;
const HEADER_BYTES = 16;

/** @throws RangeError if the payload is longer than xenstored takes */
export function encodeMessage({ type, requestId, transaction, payload }: Message): Buffer {
  if (payload.byteLength > MOST_PAYLOAD_BYTES) {
    throw new RangeError(`xenstored takes no more than ${MOST_PAYLOAD_BYTES} bytes in a message`);
  }
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + payload.byteLength);
  bytes.writeUInt32LE(type, 0);
  bytes.writeUInt32LE(requestId, 4);
  bytes.writeUInt32LE(transaction, 8);
  bytes.writeUInt32LE(payload.byteLength, 12);
  bytes.set(payload, HEADER_BYTES);
  return bytes;
}

/** Cuts a stream into messages, wherever its pieces end. Keeps less than one message. */
export class MessageReader {
  #rest: Buffer = Buffer.alloc(0);

  /** The messages that are complete with this piece. @throws RangeError at a length that no message has */
  push(piece: Uint8Array): Message[] {
    let bytes = Buffer.concat([this.#rest, piece]);
    const messages: Message[] = [];
    while (bytes.byteLength >= HEADER_BYTES) {
      const length = bytes.readUInt32LE(12);
      if (length > MOST_REPLY_BYTES) {
        throw new RangeError(`a message of ${length} bytes, which is more than there may be`);
      }
      const end = HEADER_BYTES + length;
      if (bytes.byteLength < end) break;
      messages.push({
        type: bytes.readUInt32LE(0),
        requestId: bytes.readUInt32LE(4),
        transaction: bytes.readUInt32LE(8),
        payload: bytes.subarray(HEADER_BYTES, end),
      });
      bytes = bytes.subarray(end);
    }
    this.#rest = bytes;
    return messages;
  }
}

/** The strings of a payload, each of which ends with a zero byte. What follows the last zero byte is left out. */
export function stringsOf(payload: Buffer): string[] {
  return payload.toString('latin1').split('\0').slice(0, -1);
}
