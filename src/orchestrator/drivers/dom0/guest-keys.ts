// SPDX-License-Identifier: BSD-3-Clause

/**
 * The keys in a guest's own `data` folder of xenstore by which it reports: that it waits before `main` (1; whoever claims it writes 0),
 * nanoseconds to `main`, and its exit code.
 */
export const PARKED_KEY = 'unicore-parked';
export const READY_KEY = 'unicore-ready';
export const EXIT_KEY = 'unicore-exit';
/** Where a guest that is parked looks for its line. Empty until it is claimed. */
export const CLAIM_KEY = 'unicore-claim';
export const REPORT_KEYS = [READY_KEY, EXIT_KEY, PARKED_KEY] as const;

/** What a guest has said of itself so far. */
export interface GuestReport {
  readonly bootNanoseconds?: number;
  readonly exitCode?: number;
  /** Whether it waits before `main`; false once it was claimed. */
  readonly parked?: boolean;
}

export type ReportKey = (typeof REPORT_KEYS)[number];

export function domainPath(domid: number): string {
  return `${DOMAINS}/${domid}`;
}

export function keyPath(domid: number, key: string): string {
  return `${dataPath(domid)}/${key}`;
}

/** What a key's value means. Guests may write anything, of which nothing but digits is let through; null for the rest. */
export function reportOf(key: ReportKey, value: Buffer | null): GuestReport | null {
  const text = value?.toString('latin1') ?? '';
  if (!/^\d{1,15}$/.test(text)) return null;
  const number = Number(text);
  switch (key) {
    case PARKED_KEY:
      return { parked: number === 1 };
    case READY_KEY:
      return { bootNanoseconds: number };
    case EXIT_KEY:
      return { exitCode: number & 0xff };
  }
}

/** The UUID in a domain's `vm`, which only toolstacks write; null if it is none. */
export function uuidOf(vm: Buffer | null): string | null {
  return /^\/vm\/([0-9a-f-]{36})$/.exec(vm?.toString('latin1') ?? '')?.[1] ?? null;
}

/** By xenstored: a domain was introduced to it, or has shut down or is gone. Neither says which. */
export const INTRODUCE = '@introduceDomain';
export const RELEASE = '@releaseDomain';
export const DOMAINS = '/local/domain';

/** The folder of a domain that the guest itself may write to. */
export function dataPath(domid: number): string {
  return `${domainPath(domid)}/data`;
}

/** What the watches of a host tell, as far as it matters here. `data`: a domain's data folder was made or removed. */
export type StoreEvent =
  | { readonly type: 'introduced' | 'released' }
  | { readonly type: 'data'; readonly domid: number }
  | { readonly type: 'key'; readonly domid: number; readonly key: ReportKey };

const PATH = /^\/local\/domain\/(\d{1,5})\/data(?:\/([a-z-]{1,32}))?$/;

/** Null for a path that does not matter. */
export function parseEvent(path: string): StoreEvent | null {
  if (path === INTRODUCE) return { type: 'introduced' };
  if (path === RELEASE) return { type: 'released' };
  const [, number, key] = PATH.exec(path) ?? [];
  if (number === undefined) return null;
  const domid = Number(number);
  if (key === undefined) return { type: 'data', domid };
  const known = REPORT_KEYS.find((each) => each === key);
  return known === undefined ? null : { type: 'key', domid, key: known };
}
