// SPDX-License-Identifier: BSD-3-Clause
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configLine, parseDefconfig } from './defconfig.js';
import { parseDeclarations } from './kconfig-declarations.js';

describe('parseDeclarations', () => {
  it('reads type, prompt, help, dependencies, selects and range', () => {
    const [entry] = parseDeclarations(`config A
	int "The \\"A\\"" if B
	depends on B && \\
		C
	range 1 0x10 if B
	select D if E
	select F
	default 3
	help
	  First line.

	    Indented.
	  Last.
config NEXT
	def_bool y
`);
    expect(entry).toEqual({
      symbol: 'A',
      type: 'int',
      prompt: 'The "A"',
      help: 'First line.\n\n  Indented.\nLast.',
      dependsOn: [expect.stringMatching(/^B && +\t*C$/)],
      selects: [
        { symbol: 'D', condition: 'E' },
        { symbol: 'F', condition: null },
      ],
      range: { low: '1', high: '0x10' },
    });
  });

  it('adds the conditions of the blocks around', () => {
    const entries = parseDeclarations(`menu "M"
	depends on M
if A
config X
	bool "x"
	depends on B
endif
choice
	prompt "C"
	depends on D
config Y
	bool "y"
endchoice
config Z
	bool
	prompt 'z'
endmenu
config OUT
	tristate "out"
`);
    expect(entries.map(({ symbol, dependsOn }) => [symbol, dependsOn])).toEqual([
      ['X', ['M', 'A', 'B']],
      ['Y', ['M', 'D']],
      ['Z', ['M']],
      ['OUT', []],
    ]);
    expect(entries.map(({ prompt }) => prompt)).toEqual(['x', 'y', 'z', 'out']);
  });

  it('does not take the words of a help text for statements', () => {
    const entries = parseDeclarations(`config A
	bool "a"
	help
	  config B is not here
	  depends on nothing
# a comment
	depends on C
`);
    expect(entries).toHaveLength(1);
    expect(entries[0]?.dependsOn).toEqual(['C']);
  });

  it('gives up nothing but the sense on broken files', () => {
    expect(() =>
      parseDeclarations('endif\nendmenu\nhelp\n\tdepends on\nconfig\nrange 1\n'),
    ).not.toThrow();
  });
});

describe('configLine and parseDefconfig', () => {
  it('are inverse to each other for every string', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!text.includes('\n'));
        expect(parseDefconfig(configLine('X', text, true))).toEqual({ X: text });
      }),
    );
    expect(
      parseDefconfig(`${configLine('A', 'n', false)}${configLine('B', '0x10', false)}`),
    ).toEqual({
      A: 'n',
      B: '0x10',
    });
  });
});
