// SPDX-License-Identifier: BSD-3-Clause
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build, makeWorkspace, POOLS, TARGETS, type Workspace } from './build.js';
import { exitCodeOf, run } from './guest.js';

/** Each library that has tests that run as a unikernel. */
const libraries = readdirSync(join(POOLS, 'lib'))
  .filter((name) => existsSync(join(POOLS, 'lib', name, 'test/Makefile')))
  .sort();

let workspace: Workspace;
beforeAll(async () => {
  workspace = await makeWorkspace();
});
afterAll(() => workspace[Symbol.asyncDispose]());

it('there are libraries with tests', () => {
  expect(libraries.length).toBeGreaterThan(0);
});

describe.each(libraries)('lib/%s', (library) => {
  it.each(TARGETS)('passes its tests on %s', async (target) => {
    const out = join(workspace.path, `${library}-${target}`);
    const app = join(POOLS, 'lib', library, 'test');
    await build({ app, out, args: [`TARGETS=${target}`, `APP=test-${library}`] });
    const end = await run(target, join(out, `test-${library}_${target}`));
    const count = Number(/^1\.\.(\d+)$/m.exec(end.console)?.[1]);
    expect(end.console).not.toMatch(/^not ok/m);
    expect(end.console.match(/^ok /gm) ?? []).toHaveLength(count);
    expect(count).toBeGreaterThan(0);
    expect(exitCodeOf(target, end)).toBe(0);
  });
});
