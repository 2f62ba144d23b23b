// SPDX-License-Identifier: BSD-3-Clause
import { expect, test } from 'vitest';
import { CORPUS } from './corpus.js';
import { type Case, differences, MODES } from './oracle.js';

test.each(CORPUS)(
  'kconfig-conf agrees about $name',
  async ({ name, files, configs, environment, modes }) => {
    const cases: Case[] = (modes ?? MODES).flatMap((mode) =>
      [null, ...configs]
        .filter((config) => config !== null || mode !== 'defconfig')
        .map((config) => ({ name, files, config, mode, environment: environment ?? {} })),
    );
    const found = await differences(cases);
    expect(found.slice(0, 2).join('\n\n')).toBe('');
  },
);
