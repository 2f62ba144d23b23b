// SPDX-License-Identifier: BSD-3-Clause
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCommandFixture, type CommandFixture } from './command.js';

let cli: CommandFixture;
beforeAll(async () => {
  cli = await startCommandFixture();
});
afterAll(() => cli.close());

test('explains a symbol for each target, or those that are named', async () => {
  const { out } = await cli.unicore(['explain', 'helloworld', 'CONFIG_LIBALLOC_BUDDY']);
  expect(out).toMatch(/^kvm-x86_64: LIBALLOC_BUDDY=n$/m);
  expect(out).toMatch(/^linuxu-x86_64: LIBALLOC_BUDDY=n$/m);
  expect(out).toContain('  select: selected by APPHELLO (APPHELLO)\n  unmet: LIBALLOC is n\n');
  expect(out).toContain('  to turn it on: set LIBALLOC=y');
  const one = await cli.unicore(['explain', 'helloworld', 'A', '-t', 'kvm-x86_64', '--json']);
  expect((JSON.parse(one.out) as { targets: unknown[] }).targets).toHaveLength(1);
  expect((await cli.unicore(['explain', 'helloworld', 'no symbol'])).code).not.toBe(0);
});
