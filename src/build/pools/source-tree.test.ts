// SPDX-License-Identifier: BSD-3-Clause
import {
  appendFileSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SourceTree } from './source-tree.js';

describe('SourceTree', () => {
  let folder: string;
  let root: string;
  let tree: SourceTree;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'uc-tree-'));
    root = join(folder, 'pools');
    mkdirSync(join(root, 'lib/libc'), { recursive: true });
    writeFileSync(join(root, 'Kconfig'), 'mainmenu "m"\n');
    writeFileSync(join(root, 'lib/libc/main.c'), 'int x;\n');
    tree = new SourceTree(root);
  });
  afterEach(() => {
    tree.close();
    rmSync(folder, { recursive: true });
  });

  /** What somebody sees who looks for the first time. */
  async function afresh(): Promise<unknown> {
    const other = new SourceTree(root);
    try {
      return await other.snapshot();
    } finally {
      other.close();
    }
  }

  const names = [
    'Kconfig',
    'lib/libc/main.c',
    'lib/new/a.c',
    'lib/new/deep/b.c',
    'app/c',
    'lib/libc/l',
  ];
  const edit = fc.record({
    name: fc.constantFrom(...names),
    action: fc.constantFrom('write', 'append', 'replace', 'link', 'remove', 'remove folder'),
    text: fc.string({ maxLength: 5 }),
  });

  it('sees each edit at once, as if it looked for the first time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(edit, { maxLength: 3 }), { maxLength: 8 }),
        async (steps) => {
          for (const step of steps) {
            for (const { name, action, text } of step) apply(join(root, name), action, text);
            expect(await tree.snapshot()).toEqual(await afresh());
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('gives the same object while nothing changes, or only what is no source', async () => {
    const before = await tree.snapshot();
    expect(await tree.snapshot()).toBe(before);
    mkdirSync(join(root, 'lib/libc/build'));
    writeFileSync(join(root, 'lib/libc/build/main.o'), 'object');
    writeFileSync(join(root, 'lib/.config'), 'x');
    writeFileSync(join(root, 'lib/libc/main.c'), 'int x;\n');
    expect(await tree.snapshot()).toBe(before);
    tree.close();
    expect(await tree.snapshot()).toBe(before);
  });

  it('sees that its root is another folder now', async () => {
    const second = join(folder, 'second');
    mkdirSync(second);
    writeFileSync(join(second, 'Kconfig'), 'mainmenu "other"\n');
    const link = join(folder, 'current');
    symlinkSync(root, link);
    const linked = new SourceTree(link);
    const before = await linked.snapshot();
    symlinkSync(second, `${link}.new`);
    renameSync(`${link}.new`, link);
    const after = await linked.snapshot();
    linked.close();
    expect(before.files).toEqual(['Kconfig', 'lib/libc/main.c']);
    expect(after.files).toEqual(['Kconfig']);
    expect(after.contentHash).not.toBe(before.contentHash);
  });
});

function apply(path: string, action: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  switch (action) {
    case 'write':
      rmSync(path, { force: true });
      writeFileSync(path, text);
      break;
    case 'append':
      if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true) unlinkSync(path);
      appendFileSync(path, text);
      break;
    case 'replace':
      writeFileSync(`${path}.new`, text);
      renameSync(`${path}.new`, path);
      break;
    case 'link':
      rmSync(path, { force: true });
      symlinkSync(`/nowhere/${encodeURIComponent(text)}`, path);
      break;
    case 'remove':
      rmSync(path, { force: true });
      break;
    default:
      rmSync(join(path, '../../lib'), { recursive: true, force: true });
  }
}
