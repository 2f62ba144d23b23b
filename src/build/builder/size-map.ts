// SPDX-License-Identifier: BSD-3-Clause
import type { ImageSizes } from '../image.js';

/** The bytes of one library in an image. */
export interface LibrarySizes {
  /** Its folder in the pools, as in `lib/libc`; `(generated)` for what the build rules wrote. */
  readonly path: string;
  readonly sizes: ImageSizes;
}

/**
 * Reads the table of bytes by library that the build rules write beside an image (`<image>.sizes`, see the pools'
 * support/README.md): a head line, then `library code constants data bss total`, separated by tabs, then `total`.
 * Lines of another shape are left out.
 */
export function parseSizeMap(text: string): readonly LibrarySizes[] {
  const libraries: LibrarySizes[] = [];
  for (const line of text.split('\n')) {
    const [path = '', ...columns] = line.split('\t').map((column) => column.trim());
    if (path === 'total' || columns.length !== 5) continue;
    if (!columns.every((column) => /^[0-9]{1,15}$/.test(column))) continue;
    const [code = 0, constants = 0, data = 0, bss = 0] = columns.map(Number);
    libraries.push({ path, sizes: { code, constants, data, bss } });
  }
  return libraries;
}
