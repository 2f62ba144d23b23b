// SPDX-License-Identifier: BSD-3-Clause

/** A UUID's text form (RFC 9562, section 4) from its 32 hexadecimal digits. */
export function formatUuid(hex: string): string {
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}
