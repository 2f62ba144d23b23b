// SPDX-License-Identifier: BSD-3-Clause
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appFolder, build, choose, makeWorkspace, TARGETS, type Workspace } from './build.js';
import { exitCodeOf, run } from './guest.js';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await makeWorkspace();
  await build({
    app: appFolder('crash'),
    out: join(workspace.path, 'crash'),
    args: [`TARGETS=${TARGETS.join(' ')}`],
  });
  await build({
    app: appFolder('crash'),
    out: join(workspace.path, 'addresses'),
    config: TARGETS.map(choose),
  });
});
afterAll(() => workspace[Symbol.asyncDispose]());

describe.each(TARGETS)('on %s', (target) => {
  const image = (folder = 'crash'): string => join(workspace.path, folder, `crash_${target}`);

  const is32 = target.endsWith('-arm');
  const place = is32 ? '0x[0-9a-f]{8}' : '0x[0-9a-f]{16}';
  const registers = target.endsWith('x86_64')
    ? `rip ${place} rsp ${place}`
    : `pc ${place} sp ${place}`;

  it.each([
    // QEMU's user mode does not tell which access it was.
    ['null', /invalid memory access(: read)? at 0x0$/m, 'crash_null'],
    ['invalid', /invalid instruction|breakpoint/, 'crash_invalid'],
    ['stack', /stack overflow at 0x[0-9a-f]+$/m, 'fill_stack'],
  ])('the trap %s shows reason, registers and place', async (way, reason, name) => {
    const end = await run(target, image(), [way]);
    expect(end.console).toMatch(reason);
    expect(end.console).toMatch(new RegExp(`^uc: panic: ${registers}`, 'm'));
    expect(end.console).toMatch(new RegExp(`^uc: panic: #0 ${place} ${name}\\+0x`, 'm'));
    expect(exitCodeOf(target, end)).toBe(134);
  });

  it('a division by zero is a panic, where the CPU does not give 0', async () => {
    const end = await run(target, image(), ['divide']);
    if (target.endsWith('-arm64')) {
      expect(end.console).toContain('divide did not crash\n');
      return;
    }
    expect(end.console).toMatch(/^uc: panic: (divide error|arithmetic fault|division by zero)/m);
    expect(end.console).toMatch(/^uc: panic: #\d 0x[0-9a-f]+ crash_divide\+0x/m);
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
    expect(end.console).toMatch(new RegExp(`^uc: panic: #0 ${place}$`, 'm'));
    expect(end.console).not.toContain('crash_null');
  });
});
