// SPDX-License-Identifier: BSD-3-Clause
import { closeSync, openSync, readSync } from 'node:fs';

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
/** The last bit tells the order of the bytes in the words that are summed. */
const MAGIC = 0x377f0682;

/**
 * What is wrong with a write-ahead log, or null. SQLite itself takes the first frame that does not fit for the end of the log, and
 * forgets what follows; that is right where a write was cut short, and loses commits where the file was damaged. The two are told
 * apart by what follows: a log is written from its beginning to its end, so frames of the same generation after such a frame
 * were written when it was whole. After a power failure the disk may have written the last frames in another order; those
 * are of commits that nobody was told of.
 *
 * The format is https://sqlite.org/fileformat2.html#the_write_ahead_log.
 */
export function findWalDamage(path: string): string | null {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    return damageOf((bytes, position) => readSync(file, bytes, 0, bytes.byteLength, position));
  } finally {
    closeSync(file);
  }
}

function damageOf(read: (bytes: Buffer, position: number) => number): string | null {
  const header = Buffer.alloc(HEADER_BYTES);
  if (read(header, 0) < HEADER_BYTES) return null;
  const magic = header.readUInt32BE(0);
  const sum = new RunningSum((magic & 1) === 1);
  sum.add(header.subarray(0, 24));
  const pageBytes = header.readUInt32BE(8);
  const isWhole = (magic & ~1) === MAGIC && pageBytes >= 512 && pageBytes <= 65_536;
  if (!isWhole || !sum.equals(header, 24)) return 'the header of its log is not valid';

  const frame = Buffer.alloc(FRAME_HEADER_BYTES + pageBytes);
  let broken: number | null = null;
  for (let index = 0; ; index++) {
    const position = HEADER_BYTES + index * frame.byteLength;
    if (read(frame, position) < frame.byteLength) return null;
    const sameGeneration = frame.compare(header, 16, 24, 8, 16) === 0;
    if (broken !== null) {
      if (sameGeneration)
        return `frame ${broken + 1} of its log is not valid, and others follow it`;
      continue;
    }
    sum.add(frame.subarray(0, 8));
    sum.add(frame.subarray(FRAME_HEADER_BYTES));
    if (!sameGeneration || !sum.equals(frame, 16)) broken = index;
  }
}

/** The checksum of a log, which goes on from frame to frame. */
class RunningSum {
  #first = 0;
  #second = 0;

  constructor(private readonly bigEndian: boolean) {}

  /** Adds bytes, eight or a multiple of it. */
  add(bytes: Buffer): void {
    let [first, second] = [this.#first, this.#second];
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let offset = 0; offset < bytes.byteLength; offset += 8) {
      first = (first + view.getUint32(offset, !this.bigEndian) + second) >>> 0;
      second = (second + view.getUint32(offset + 4, !this.bigEndian) + first) >>> 0;
    }
    [this.#first, this.#second] = [first, second];
  }

  equals(bytes: Buffer, offset: number): boolean {
    return (
      bytes.readUInt32BE(offset) === this.#first && bytes.readUInt32BE(offset + 4) === this.#second
    );
  }
}
