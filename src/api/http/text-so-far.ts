// SPDX-License-Identifier: BSD-3-Clause

const MAXIMUM_BYTES = 4 * 1024 * 1024;
const QUIET_MILLISECONDS = 100;
/** How long what is there may take to come: it may lie on another machine. */
const THERE_MILLISECONDS = 20_000;

interface Chunk {
  readonly offset: number;
  readonly data: Uint8Array;
}

type Open = (from: number, signal: AbortSignal) => AsyncIterable<Chunk>;

/** An output that may still grow. */
export interface GrowingOutput {
  /** What is there, and no more; unless `live` gives that at once. */
  readonly there?: Open;
  /** What is there, and what comes. */
  readonly live: Open;
}

/**
 * Reads what an output has so far: until it ends, until it has been quiet for a tenth of a second after what was there, or until 4 MiB
 * are read. `next` is the offset to go on from.
 */
export async function textSoFar(
  { there, live }: GrowingOutput,
  from: number,
  stopping: AbortSignal,
): Promise<{ readonly data: Buffer; readonly next: number }> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  let next = from;
  const read = async (open: Open, signal: AbortSignal, onChunk: () => void): Promise<void> => {
    try {
      for await (const chunk of open(next, signal)) {
        parts.push(chunk.data);
        bytes += chunk.data.length;
        next = chunk.offset + chunk.data.length;
        onChunk();
        if (bytes >= MAXIMUM_BYTES) break;
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  };
  if (there !== undefined) {
    const late = AbortSignal.timeout(THERE_MILLISECONDS);
    await read(there, AbortSignal.any([late, stopping]), () => undefined);
  }
  const quiet = new AbortController();
  const timer = setTimeout(() => quiet.abort(), QUIET_MILLISECONDS);
  try {
    const signal = AbortSignal.any([quiet.signal, stopping]);
    if (bytes < MAXIMUM_BYTES) await read(live, signal, () => timer.refresh());
  } finally {
    clearTimeout(timer);
  }
  return { data: Buffer.concat(parts), next };
}
