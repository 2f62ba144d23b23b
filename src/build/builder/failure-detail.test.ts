// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, it } from 'vitest';
import { failureDetail } from './failure-detail.js';
import { LineBuffer } from './line-buffer.js';
import { parseSizeMap } from './size-map.js';

describe('failureDetail', () => {
  it('picks what the compiler says out of what make says', () => {
    const output = `  CC   kvm-x86_64 lib/libc/a.c
lib/libc/a.c:35:19: error: initializer-string is too long
   35 |         { ENFILE, "x" },
      |                   ^~~
cc1: all warnings being treated as errors
make: *** [rules.mk:168: lib/libc/a.o] Error 1
make: Target 'all' not remade because of errors.
`;
    expect(failureDetail(output)).toBe('lib/libc/a.c:35:19: error: initializer-string is too long');
  });

  it('picks what linker, shell and build rules say, each once', () => {
    expect(failureDetail("ld: x.o: in function `f': undefined reference to `g'\n".repeat(3))).toBe(
      "ld: x.o: in function `f': undefined reference to `g'",
    );
    expect(failureDetail('sh: 1: gcc: not found\nmake: *** [x] Error 127\n')).toBe(
      'sh: 1: gcc: not found',
    );
    expect(
      failureDetail('error: lib/a and lib/b all provide libc: select one of them\n'),
    ).toContain('all provide libc');
  });

  it('shows the last lines where it recognises nothing, and no more than a few', () => {
    expect(failureDetail('one\ntwo\nmake: *** [x] Error 1\n')).toBe('one\ntwo');
    expect(failureDetail('')).toBe('');
    const many = Array.from({ length: 100 }, (_, line) => `a.c:${line}: error: no`).join('\n');
    expect(failureDetail(many).split('\n')).toHaveLength(8);
    expect(failureDetail(`error: ${'x'.repeat(10_000)}`).length).toBeLessThan(2_010);
  });
});

describe('parseSizeMap', () => {
  it('reads the bytes of each library', () => {
    const table = `library\tcode\tconstants\tdata\tbss\ttotal
app/hello\t10\t2\t0\t0\t12
lib/libc\t100\t20\t3\t4\t127
(generated)\t0\t9\t0\t0\t9
total\t110\t31\t3\t4\t148
`;
    expect(parseSizeMap(table)).toEqual([
      { path: 'app/hello', sizes: { code: 10, constants: 2, data: 0, bss: 0 } },
      { path: 'lib/libc', sizes: { code: 100, constants: 20, data: 3, bss: 4 } },
      { path: '(generated)', sizes: { code: 0, constants: 9, data: 0, bss: 0 } },
    ]);
    expect(parseSizeMap('nonsense\n\t\t\n')).toEqual([]);
  });
});

describe('LineBuffer', () => {
  it('passes on whole lines, and the rest at the end', () => {
    const passed: string[] = [];
    const buffer = new LineBuffer((lines) => passed.push(lines.toString()));
    for (const chunk of ['a', 'b\nc', '\nd\ne', 'f']) buffer.push(Buffer.from(chunk));
    buffer.end();
    buffer.end();
    expect(passed).toEqual(['ab\n', 'c\nd\n', 'ef\n']);
  });
});
