// SPDX-License-Identifier: BSD-3-Clause

const MAXIMUM_BYTES = 4 * 1024 * 1024;
const QUIET_MILLISECONDS = 100;

interface Chunk {
  readonly offset: number;
  readonly data: Uint8Array;
}

/**
 * Reads what a followed output has so far: until it ends, until it has been quiet for a tenth of a second, or until 4 MiB
 * are read. `next` is the offset to go on from.
 */
export async function textSoFar(
  open: (signal: AbortSignal) => AsyncIterable<Chunk>,
  from: number,
  stopping: AbortSignal,
): Promise<{ readonly data: Buffer; readonly next: number }> {
  const quiet = new AbortController();
  const signal = AbortSignal.any([quiet.signal, stopping]);
  const timer = setTimeout(() => {
    quiet.abort();
  }, QUIET_MILLISECONDS);
  const parts: Uint8Array[] = [];
  let bytes = 0;
  let next = from;
  try {
    for await (const chunk of open(signal)) {
      parts.push(chunk.data);
      bytes += chunk.data.length;
      next = chunk.offset + chunk.data.length;
      timer.refresh();
      if (bytes >= MAXIMUM_BYTES) break;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
  }
  return { data: Buffer.concat(parts), next };
}
