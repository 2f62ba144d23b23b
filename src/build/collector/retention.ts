// SPDX-License-Identifier: BSD-3-Clause

/** Something that is kept for as long as it is used. */
export interface Item {
  readonly id: string;
  readonly bytes: number;
  /** When it was last used, in milliseconds since 1970. */
  readonly usedAt: number;
}

/** How much of one kind is kept. */
export interface Limits {
  readonly maxBytes: number;
  /** How long something stays that nobody uses. */
  readonly maxAgeMilliseconds: number;
}

/**
 * The items that have to go: those that were not used for too long, and then the least recently used ones until the rest
 * fits. What `stays` counts, and is never among them.
 */
export function surplus(
  items: readonly Item[],
  { maxBytes, maxAgeMilliseconds }: Limits,
  now: number,
  stays: (item: Item) => boolean,
): readonly Item[] {
  let bytes = items.reduce((sum, item) => sum + item.bytes, 0);
  const leaving: Item[] = [];
  const candidates = items
    .filter((item) => !stays(item))
    .sort((a, b) => a.usedAt - b.usedAt || (a.id < b.id ? -1 : 1));
  for (const item of candidates) {
    if (bytes <= maxBytes && now - item.usedAt <= maxAgeMilliseconds) break;
    bytes -= item.bytes;
    leaving.push(item);
  }
  return leaving;
}
