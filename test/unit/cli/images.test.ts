// SPDX-License-Identifier: BSD-3-Clause
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { imageSchema } from '../../../src/wire/index.js';
import { startCommandFixture, type CommandFixture } from './command.js';

let cli: CommandFixture;
beforeAll(async () => {
  cli = await startCommandFixture();
});
afterAll(() => cli.close());

async function imported(content: string): Promise<string> {
  const file = join(cli.directory, 'image');
  await writeFile(file, `\x7fELF${content}`);
  const { out } = await cli.unicore(['images', 'import', file, '--json']);
  return imageSchema.parse(JSON.parse(out)).digest;
}

test('imports, lists, shows and deletes', async () => {
  const digest = await imported('one');
  for (const words of [['images'], ['images', 'ls']]) {
    expect((await cli.unicore(words)).out).toContain(digest.slice(0, 19));
  }
  expect((await cli.unicore(['images', 'show', digest.slice(7, 30)])).out).toContain('pvh');
  expect(await cli.unicore(['images', 'rm', digest])).toMatchObject({
    code: 0,
    out: `${digest}\n`,
  });
  expect((await cli.unicore(['images', 'show', digest])).code).toBe(5);
});

test('takes the beginning of a digest only if it is the beginning of one', async () => {
  await imported('two');
  await imported('three');
  expect(await cli.unicore(['images', 'show', 'sha256:'])).toMatchObject({ code: 2 });
});

test('shows the bytes by library and kind, with what is not known as a dash', async () => {
  const digest = await imported('four');
  const manifest = cli.api.images.images.get(digest as `sha256:${string}`)!;
  const library = { version: '1.2', licence: 'MIT', sourcesHash: null };
  cli.api.images.images.set(manifest.digest, {
    ...manifest,
    libraries: [
      { name: 'libc', bytes: 10, sizes: { code: 4, constants: 3, data: 2, bss: 1 }, ...library },
      { name: 'old', bytes: 7, sizes: null, version: null, licence: null, sourcesHash: null },
    ],
  });
  const lines = (await cli.unicore(['images', 'sizes', digest])).out.split('\n');
  expect(lines.map((line) => line.split(/\s+/))).toEqual([
    ['LIBRARY', 'VERSION', 'LICENCE', 'CODE', 'CONSTANTS', 'DATA', 'BSS', 'TOTAL'],
    ['libc', '1.2', 'MIT', '4', '3', '2', '1', '10'],
    ['old', '-', '-', '-', '-', '-', '-', '7'],
    ['total', '4', '3', '2', '1', '17'],
    [''],
  ]);
});

test('prints the bill of materials', async () => {
  const digest = await imported('five');
  const { out } = await cli.unicore(['images', 'sbom', digest]);
  expect(JSON.parse(out)).toMatchObject({ spdxVersion: 'SPDX-2.3', SPDXID: 'SPDXRef-DOCUMENT' });
});

test('pulls and pushes by operations, and says which registries it may speak to', async () => {
  const digest = await imported('six');
  const reference = 'registry.example/team/hello:1';
  const pulled = await cli.unicore(['images', 'pull', reference]);
  expect(pulled).toMatchObject({ code: 0, out: 'succeeded: 1 of 1 pulled, 0 failed\n' });
  expect(await cli.unicore(['images', 'push', digest, reference])).toMatchObject({ code: 0 });
  const refused = await cli.unicore(['images', 'pull', 'elsewhere.example/hello:1']);
  expect(refused).toMatchObject({ code: 4 });
  expect(refused.err).toContain('REGISTRY_NOT_ALLOWED');
});

test('says what is wrong with a file and with an option', async () => {
  expect(await cli.unicore(['images', 'import', '/nowhere'])).toMatchObject({ code: 2 });
  expect(await cli.unicore(['images', 'ls', '--nonsense'])).toMatchObject({ code: 2 });
});

test('prunes, and tells what would go', async () => {
  const { out } = await cli.unicore(['images', 'prune', '--dry-run']);
  expect(out).toMatch(/^WOULD REMOVE +COUNT +BYTES\nimages +1 +4/);
  const { out: json } = await cli.unicore(['images', 'prune', '--json']);
  expect(JSON.parse(json)).toMatchObject({ dryRun: false, builds: { count: 2 } });
  expect(cli.api.collector.asked).toEqual([true, false]);
});
