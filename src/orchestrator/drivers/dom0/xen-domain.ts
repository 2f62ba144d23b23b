// SPDX-License-Identifier: BSD-3-Clause

/** A domain by the number that Xen gave it, and by the UUID that it must have: numbers are used again. */
export interface XenDomain {
  readonly domid: number;
  readonly id: string;
}
