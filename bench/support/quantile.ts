// SPDX-License-Identifier: BSD-3-Clause

/** The value that a share (0 to 1) of the samples does not exceed; the largest for a share near 1. NaN without samples. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}
