// SPDX-License-Identifier: BSD-3-Clause
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  encodeMessage,
  MessageReader,
  MOST_PAYLOAD_BYTES,
  MOST_REPLY_BYTES,
  stringsOf,
} from './wire.js';

const word = fc.nat(0xffff_ffff);
const payload = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
const message = fc.record({ type: word, requestId: word, transaction: word, payload });

/** The pieces of a stream that is cut at these lengths, again and again. */
function cut(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.byteLength; turn++) {
    const length = lengths[turn % lengths.length] ?? 1;
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
}

it('reads what it wrote, wherever the stream is cut', () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(fc.array(message, { maxLength: 6 }), lengths, (messages, cuts) => {
      const reader = new MessageReader();
      const bytes = Buffer.concat(messages.map(encodeMessage));
      const read = cut(bytes, cuts).flatMap((piece) => reader.push(piece));
      expect(read).toEqual(messages);
    }),
  );
});

it('keeps to its bounds, whatever comes', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 5000 }), { maxLength: 6 }), (pieces) => {
      const reader = new MessageReader();
      try {
        for (const piece of pieces) {
          for (const { payload: read } of reader.push(piece)) {
            expect(read.byteLength).toBeLessThanOrEqual(MOST_REPLY_BYTES);
          }
        }
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }),
  );
});

it('believes no length that is too large, and sends none', () => {
  const whole = {
    type: 2,
    requestId: 1,
    transaction: 0,
    payload: Buffer.alloc(MOST_PAYLOAD_BYTES),
  };
  const bytes = encodeMessage(whole);
  expect(new MessageReader().push(bytes)).toEqual([whole]);
  bytes.writeUInt32LE(MOST_REPLY_BYTES + 1, 12);
  expect(() => new MessageReader().push(bytes.subarray(0, 16))).toThrow(RangeError);
  const larger = { ...whole, payload: Buffer.alloc(MOST_PAYLOAD_BYTES + 1) };
  expect(() => encodeMessage(larger)).toThrow(RangeError);
});

it('lays a message out as xs_wire.h does', () => {
  const bytes = encodeMessage({
    type: 11,
    requestId: 0x01020304,
    transaction: 7,
    payload: Buffer.from('a\0b'),
  });
  expect(bytes.toString('hex')).toBe('0b000000' + '04030201' + '07000000' + '03000000' + '610062');
});

it('takes strings apart, and leaves out what does not end', () => {
  expect(stringsOf(Buffer.from('a\0\0b\0c'))).toEqual(['a', '', 'b']);
  expect(stringsOf(Buffer.alloc(0))).toEqual([]);
});
