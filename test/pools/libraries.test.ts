// SPDX-License-Identifier: BSD-3-Clause
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build, make, makeWorkspace, POOLS, TARGETS, type Workspace } from './build.js';
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
    await build({
      app,
      out,
      args: [`TARGETS=${target}`, `APP=test-${library}`],
      // Most of what each of them links is the same.
      environment: { UC_CACHE: join(workspace.path, 'cache') },
    });
    const end = await run(target, join(out, `test-${library}_${target}`));
    const count = Number(/^1\.\.(\d+)$/m.exec(end.console)?.[1]);
    expect(end.console).not.toMatch(/^not ok/m);
    expect(end.console.match(/^ok /gm) ?? []).toHaveLength(count);
    expect(count).toBeGreaterThan(0);
    expect(exitCodeOf(target, end)).toBe(0);
  });
});

describe('lib/test', () => {
  it.each([
    ['fails_by_expectation', /^# .*test\/main\.c:\d+: 1 > 2 does not hold$/m],
    ['fails_by_requirement', /^# .*test\/main\.c:\d+: false does not hold$/m],
  ])('notices a test that %s', async (name, place) => {
    const out = join(workspace.path, 'test-failures');
    const app = join(POOLS, 'lib/test/test');
    await build({ app, out, args: ['TARGETS=linuxu-x86_64'] });
    const end = await run('linuxu-x86_64', join(out, 'test-test_linuxu-x86_64'), [name]);
    expect(end.console).toMatch(new RegExp(`^not ok 1 - ${name}$`, 'm'));
    expect(end.console).toMatch(place);
    expect(end.exitCode).toBe(1);
  });

  it('fails where no test is selected', async () => {
    const out = join(workspace.path, 'test-failures');
    await build({ app: join(POOLS, 'lib/test/test'), out, args: ['TARGETS=linuxu-x86_64'] });
    const end = await run('linuxu-x86_64', join(out, 'test-test_linuxu-x86_64'), ['nothing']);
    expect(end.console).toMatch(/^1\.\.0$/m);
    expect(end.exitCode).toBe(1);
  });
});

/** Each library whose sources are also tested on the host: against its C library, or a model. */
const onHost = readdirSync(join(POOLS, 'lib'))
  .filter((name) => existsSync(join(POOLS, 'lib', name, 'test/host/Makefile')))
  .filter((name) => name !== 'test')
  .sort();

describe.each(onHost)('lib/%s on the host', (library) => {
  it.each(['plain', 'sanitized'])('agrees with its model, %s', async (variant) => {
    const result = await make({
      app: join(POOLS, 'lib', library, 'test/host'),
      out: workspace.path,
      args: [`BUILD=${join(workspace.path, `host-${library}`)}`, `run-${variant}`],
    });
    expect(result.stderr).toBe('');
    const count = Number(/^1\.\.(\d+)$/m.exec(result.stdout)?.[1]);
    expect(count).toBeGreaterThan(0);
    expect(result.stdout.match(/^ok /gm) ?? []).toHaveLength(count);
    expect(result.exitCode).toBe(0);
  });
});
