// SPDX-License-Identifier: BSD-3-Clause
import type { ImageLibrary } from '../image.js';

/**
 * Reads the table of bytes by library that the build rules write beside an image (`<image>.sizes`, see the pools'
 * support/README.md): a head line, then `library code constants data bss total`, separated by tabs, then `total`.
 * Lines of another shape are left out. Libraries are named by their folder: `lib/libc` is `libc`.
 */
export function parseSizeMap(text: string): readonly ImageLibrary[] {
  const libraries: ImageLibrary[] = [];
  for (const line of text.split('\n')) {
    const columns = line.split('\t').map((column) => column.trim());
    const path = columns[0] ?? '';
    const total = columns.at(-1) ?? '';
    if (columns.length < 3 || path === 'total' || !/^[0-9]{1,15}$/.test(total)) continue;
    libraries.push({ name: path.slice(path.lastIndexOf('/') + 1), bytes: Number(total) });
  }
  return libraries;
}
