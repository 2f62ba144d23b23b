// SPDX-License-Identifier: BSD-3-Clause

/** Longer names than any that we have are not compared: the work grows with the product of the lengths. */
const MAX_LENGTH = 100;

/** Up to three of `known` that differ little from `name`, the nearest first; case does not count. */
export function nearestNames(name: string, known: readonly string[]): readonly string[] {
  if (name.length > MAX_LENGTH) return [];
  const wanted = name.toLowerCase();
  return known
    .map((candidate) => ({ candidate, distance: distanceTo(wanted, candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => distance <= Math.max(2, Math.floor(candidate.length / 4)))
    .sort((a, b) => a.distance - b.distance || a.candidate.localeCompare(b.candidate))
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/**
 * How far a candidate is: their Levenshtein distance; a candidate that contains what was typed, or ends or begins as it
 * does, is near, too (`ALLOC_BUDDY` for `LIBALLOC_BUDDY`).
 */
function distanceTo(wanted: string, candidate: string): number {
  if (wanted.length >= 4 && candidate.includes(wanted)) return 1;
  return levenshtein(wanted, candidate);
}

/** Insertions, deletions and replacements that make one text of the other. Source: Wagner and Fischer, 1974. */
function levenshtein(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replace = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(replace, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
