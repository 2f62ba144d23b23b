// SPDX-License-Identifier: BSD-3-Clause
import { afterAll, beforeAll, expect, test } from 'vitest';
import { graphText } from '../../../src/cli/commands/graph.js';
import { startCommandFixture, type CommandFixture } from './command.js';

let cli: CommandFixture;
beforeAll(async () => {
  cli = await startCommandFixture();
});
afterAll(() => cli.close());

test("draws an application's libraries for its first target, or the one that is named", async () => {
  const { out } = await cli.unicore(['graph', 'helloworld']);
  expect(out).toMatch(/^digraph "kvm-x86_64" \{$/m);
  expect(out).toContain('"app/helloworld" -> "lib/alloc_buddy" [label="APPHELLO"];');
  const one = await cli.unicore(['graph', 'helloworld', '-t', 'linuxu-x86_64', '--json']);
  expect(JSON.parse(one.out)).toMatchObject({ targets: [{ target: 'linuxu-x86_64' }] });
  expect((await cli.unicore(['graph', 'nothing'])).code).not.toBe(0);
});

test('names with quotes stay within their quotes', () => {
  const selectedBy = [{ symbol: 'A"B', library: null }];
  const library = { library: 'lib/"x', symbol: 'LIBX', why: 'selected' as const, selectedBy };
  const text = graphText('app', { target: 'kvm-x86_64', libraries: [library] });
  expect(text).toContain('"A\\"B" -> "lib/\\"x" [label="A\\"B"];');
});
