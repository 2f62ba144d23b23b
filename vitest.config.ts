// SPDX-License-Identifier: BSD-3-Clause
import { defineConfig } from 'vitest/config';

/** Worker threads of the code under test run from the sources, too. */
const RUN_TYPESCRIPT_WORKERS = [
  '--import',
  new URL('./test/typescript-imports.mjs', import.meta.url).href,
];

/** One project per suite, so that `script/test [suite...]` can choose. Unit tests live beside the code they test. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'test/unit/**/*.test.ts'],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'pools',
          include: ['test/pools/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'build',
          include: ['test/build/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'drivers',
          include: ['test/drivers/**/*.test.ts'],
          execArgv: RUN_TYPESCRIPT_WORKERS,
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'xen',
          include: ['test/xen/**/*.test.ts'],
          execArgv: RUN_TYPESCRIPT_WORKERS,
          testTimeout: 300_000,
          hookTimeout: 900_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
