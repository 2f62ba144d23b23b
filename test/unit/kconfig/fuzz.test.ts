// SPDX-License-Identifier: BSD-3-Clause
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  explain,
  KconfigError,
  readConfig,
  resolve,
  resolveAll,
  suggest,
  writeConfig,
  writeMinimal,
} from '../../../src/build/kconfig/index.js';
import { CORPUS } from './corpus.js';
import { loadCase } from './oracle.js';
import { Random, randomTree } from './random-tree.js';

const RUNS = Number(process.env.KCONFIG_FUZZ_RUNS ?? 1500);
const PIECES = [
  'config A\n',
  'menu "x"\n',
  'endmenu\n',
  'choice\n',
  'endchoice\n',
  'if A\n',
  'endif\n',
  '\tselect A\n',
  '\tdepends on ',
  '\tdefault ',
  '\trange 1 2\n',
  '$(',
  '$(info,x)',
  ')',
  '(',
  '"',
  "'",
  '\\',
  '\\\n',
  '#',
  '&&',
  '||',
  '!',
  '=',
  '<',
  'source "Kconfig"\n',
  'source "*"\n',
  'A = $(B)\n',
  'B = $(A)\n',
  '\toption modules\n',
  '\toption env="X"\n',
  '\thelp\n',
  '\0',
  '\u{1f600}',
  '\r\n',
  'm',
  'y',
] as const;

/** A valid tree, cut and glued at random. */
const mutated = fc
  .tuple(
    fc.integer({ min: 0, max: 2 ** 31 }),
    fc.array(
      fc.record({
        at: fc.double({ min: 0, max: 1, noNaN: true }),
        remove: fc.nat({ max: 40 }),
        insert: fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 8 })),
      }),
      { maxLength: 12 },
    ),
  )
  .map(([seed, edits]) => {
    const base =
      seed % 2 === 0
        ? randomTree(new Random(seed)).text
        : (CORPUS[seed % CORPUS.length]?.files.Kconfig ?? '');
    return edits.reduce((text, { at, remove, insert }) => {
      const index = Math.floor(at * text.length);
      return text.slice(0, index) + insert + text.slice(index + remove);
    }, base);
  });

it(
  'ends with a tree, or with an error that has file and line, for every text',
  { timeout: 120_000 },
  () => {
    let accepted = 0;
    let refused = 0;
    fc.assert(
      fc.property(mutated, (text) => {
        let tree;
        try {
          tree = loadCase({ Kconfig: text });
        } catch (error) {
          if (!(error instanceof KconfigError)) throw error;
          expect(error.message).toMatch(/^[^\n:]+:[1-9][0-9]*: /);
          refused++;
          return;
        }
        accepted++;
        for (const mode of ['default', 'no', 'module', 'yes'] as const) {
          const evaluation = resolveAll(tree, mode);
          const config = writeConfig(evaluation);
          const again = resolve(tree, readConfig(tree, config).user);
          expect(writeConfig(again).length).toBeGreaterThan(0);
          writeMinimal(again);
        }
        const evaluation = resolveAll(tree, 'default');
        for (const symbol of tree.symbols) {
          explain(evaluation, symbol);
          suggest(evaluation, symbol);
        }
      }),
      { numRuns: RUNS },
    );
    // Both ways have been gone often, or the test says little.
    expect(Math.min(accepted, refused)).toBeGreaterThan(RUNS / 20);
  },
);

it('reads any text as a .config', { timeout: 60_000 }, () => {
  const tree = loadCase({ Kconfig: CORPUS[1]?.files.Kconfig ?? '' });
  const line = fc.oneof(
    fc.string(),
    fc
      .tuple(fc.constantFrom('CONFIG_A=', 'CONFIG_B="', 'CONFIG_C=', '# CONFIG_D '), fc.string())
      .map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      writeConfig(resolve(tree, readConfig(tree, lines.join('\n')).user));
    }),
    { numRuns: RUNS },
  );
});
