// SPDX-License-Identifier: BSD-3-Clause
import { expect, test } from 'vitest';
import { type Case, differences, MODES } from './oracle.js';
import { Random, randomTree } from './random-tree.js';

// More of them by KCONFIG_CASES=100000; another sequence by KCONFIG_SEED=7.
const CASES = Number(process.env.KCONFIG_CASES ?? 2400);
const SEED = Number(process.env.KCONFIG_SEED ?? 1);
const CONFIGURATIONS_PER_TREE = 8;

test(
  `${CASES} random configurations of random trees come out as kconfig-conf has them`,
  { timeout: 120_000 + CASES * 100 },
  async () => {
    const random = new Random(SEED);
    const cases: Case[] = [];
    while (cases.length < CASES) {
      const tree = randomTree(random);
      for (let index = 0; index < CONFIGURATIONS_PER_TREE; index++) {
        const mode = random.chance(0.45) ? 'olddefconfig' : random.pick(MODES);
        const config =
          mode === 'defconfig' || random.chance(0.85) ? tree.randomConfig(random) : null;
        cases.push({
          name: `seed ${SEED}, case ${cases.length}`,
          files: { Kconfig: tree.text },
          config,
          mode,
        });
      }
    }
    const found = await differences(cases);
    expect(found.slice(0, 3).join('\n\n'), `${found.length} of ${cases.length} differ`).toBe('');
  },
);
