// SPDX-License-Identifier: BSD-3-Clause
import type { WarmPool } from '../../orchestrator/ports.js';
import type { WarmPoolDocument } from '../../wire/index.js';

/** A warm pool as the API shows it. */
export function warmPoolView(pool: WarmPool): WarmPoolDocument {
  const { name, spec, image, memoryBytes, vcpus, warmth, ready, warming, hits, misses } = pool;
  const built = 'app' in spec.source ? spec.source : null;
  return {
    ...{ name, image, vcpus, warmth, ready, warming, hits, misses },
    app: built?.app ?? null,
    target: built?.target ?? null,
    host: spec.host ?? null,
    memory: memoryBytes,
    args: [...(spec.args ?? [])],
    min: spec.minimum,
    max: spec.maximum,
    desired: pool.target,
    condition: pool.condition,
    createdAt: pool.createdAt,
  };
}
