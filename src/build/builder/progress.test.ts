// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, it } from 'vitest';
import { ProgressReader } from './progress.js';

describe('ProgressReader', () => {
  it('counts the files that are compiled, of those that there are', () => {
    const reader = new ProgressReader();
    expect(reader.read('make: nothing\n')).toBe(false);
    expect(reader.progress).toBeNull();
    expect(reader.read('  PLAN kvm-x86_64 3\n  CC   kvm-x86_64 lib/libc/string.c\n')).toBe(true);
    expect(reader.progress).toEqual({ done: 1, total: 3, file: 'lib/libc/string.c' });
    // The others came from the cache.
    reader.read('  LINK hello_kvm-x86_64\n');
    expect(reader.progress).toEqual({ done: 3, total: 3, file: null });
  });

  it('stays within bounds, whatever is printed', () => {
    const reader = new ProgressReader();
    reader.read('  PLAN x 999999999\n  PLAN x -1\n  PLAN x 0\n');
    expect(reader.progress).toBeNull();
    reader.read('  PLAN x 2\n  CC   x a\n  CC   x b\u001b[2J\n  CC   x c\n');
    expect(reader.progress).toEqual({ done: 2, total: 2, file: 'c' });
    expect(reader.read(`  CC   x ${'y'.repeat(1_000)}\n`)).toBe(false);
  });
});
