// SPDX-License-Identifier: BSD-3-Clause
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runCommand } from '../../../../process/index.js';
import { quoteForShell } from '../ssh-dom0.js';
import { quoteXl, xlSettings } from './xl-config.js';

describe('quoteForShell', () => {
  it('makes one word of anything, for a real shell', async () => {
    const argument = fc.string({
      unit: fc.constantFrom(...Array.from('ab \'"\\$`;&|<>(){}*?[]!#~\t\né')),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(argument, { minLength: 1, maxLength: 5 }), async (args) => {
        const script = `printf '%s\\001' ${args.map(quoteForShell).join(' ')}`;
        const { stdout } = await runCommand('/bin/sh', ['-c', script]);
        expect(stdout.split('\x01').slice(0, -1)).toEqual(args);
      }),
      { numRuns: 60 },
    );
  });
});

describe('quoteXl', () => {
  it('leaves no way out of the quotes and no end of line', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from('a "\\\n\r\t\'#=;é')) }),
        (text) => {
          expect(quoteXl(text)).toMatch(/^"(?:[^"\\\n\r\t]|\\["\\nrt])*"$/u);
        },
      ),
    );
  });

  it('refuses what it cannot carry', () => {
    expect(() => quoteXl('a\0b')).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }));
    expect(() => quoteXl('\x1b[2J')).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }));
  });
});

describe('xlSettings', () => {
  it('refuses what is no size', () => {
    const domain = {
      name: 'a',
      uuid: 'b',
      type: 'pvh',
      kernel: '/k',
      commandLine: '',
      vcpus: 1,
    } as const;
    expect(() => xlSettings({ ...domain, memoryMebibytes: 1.5 })).toThrow(RangeError);
    expect(xlSettings({ ...domain, memoryMebibytes: 4 })).not.toContainEqual(
      expect.stringContaining('extra'),
    );
  });
});
