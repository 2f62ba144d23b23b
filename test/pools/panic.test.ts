// SPDX-License-Identifier: BSD-3-Clause
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appFolder, build, makeWorkspace, TARGETS, type Workspace } from './build.js';
import { exitCodeOf, run } from './guest.js';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await makeWorkspace();
  await build({ app: appFolder('crash'), out: join(workspace.path, 'crash') });
  await build({
    app: appFolder('crash'),
    out: join(workspace.path, 'addresses'),
    config: TARGETS.map((t) => `CONFIG_TARGET_${t.replace('-', '_').toUpperCase()}=y`),
  });
});
afterAll(() => workspace[Symbol.asyncDispose]());

describe.each(TARGETS)('on %s', (target) => {
  const image = (folder = 'crash'): string => join(workspace.path, folder, `crash_${target}`);

  it.each([
    ['null', /invalid memory access: read at 0x0$/m, 'crash_null'],
    ['invalid', /invalid instruction/, 'crash_invalid'],
    ['divide', target === 'kvm-x86_64' ? /divide error/ : /arithmetic fault/, 'crash_divide'],
    ['stack', /stack overflow at 0x[0-9a-f]+$/m, 'fill_stack'],
  ])('the trap %s shows reason, registers and place', async (way, reason, place) => {
    const end = await run(target, image(), [way]);
    expect(end.console).toMatch(reason);
    expect(end.console).toMatch(/^uc: panic: rip 0x[0-9a-f]{16} rsp 0x[0-9a-f]{16}/m);
    expect(end.console).toMatch(new RegExp(`^uc: panic: #0 0x[0-9a-f]{16} ${place}\\+0x`, 'm'));
    expect(exitCodeOf(target, end)).toBe(134);
  });

  it('a failed assertion tells the expression, and who called', async () => {
    const end = await run(target, image(), ['assert']);
    expect(end.console).toMatch(/^uc: panic: assertion failed: zero == 1, .*main\.c:\d+$/m);
    expect(end.console).toMatch(/ crash_assert\+0x/);
    expect(end.console).toMatch(/ main\+0x/);
    expect(exitCodeOf(target, end)).toBe(134);
  });

  it('a panic formats its message without a C library', async () => {
    const end = await run(target, image(), ['panic']);
    expect(end.console).toContain('uc: panic: this is the panic number 1\n');
  });

  it('without a table of symbols the backtrace has addresses', async () => {
    const end = await run(target, image('addresses'), ['null']);
    expect(end.console).toMatch(/^uc: panic: #0 0x[0-9a-f]{16}$/m);
    expect(end.console).not.toContain('crash_null');
  });
});
