// SPDX-License-Identifier: BSD-3-Clause
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { filesBelow, loadKconfig, TreeCache } from '../../../src/build/kconfig/index.js';

let folder: string;
let root: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'kconfig-files-'));
  root = path.join(folder, 'tree');
  mkdirSync(root);
  writeFileSync(path.join(folder, 'secret'), 'config SECRET\n\tbool\n');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const load = (text: string) => {
  writeFileSync(path.join(root, 'Kconfig'), text);
  return loadKconfig({ entry: 'Kconfig', files: filesBelow([root], root) });
};

it('reads no file outside of the roots, by whatever path', () => {
  symlinkSync('../secret', path.join(root, 'link'));
  symlinkSync('..', path.join(root, 'up'));
  for (const name of [
    '../secret',
    path.join(folder, 'secret'),
    'link',
    'up/secret',
    'up/s*',
    '/etc/hostname',
  ]) {
    expect(() => load(`\nsource "${name}"\n`), name).toThrow(/^Kconfig:2: .*outside/);
  }
});

it('follows a link that stays inside, and says that a folder is no file', () => {
  writeFileSync(path.join(root, 'real'), 'config A\n\tbool\n');
  symlinkSync('real', path.join(root, 'link'));
  expect(load('source "link"\n').find('A')?.isDefined).toBe(true);
  mkdirSync(path.join(root, 'folder'));
  expect(() => load('source "folder"\n')).toThrow('Kconfig:1: can\'t open file "folder"');
});

it('keeps a tree until one of its files changes', () => {
  const cache = new TreeCache();
  const file = path.join(root, 'Kconfig');
  writeFileSync(file, 'config A\n\tbool "a"\n');
  const question = { root: file, roots: [root], directory: root, environment: {} };
  const first = cache.get(question);
  expect(cache.get(question)).toBe(first);
  expect(cache.get({ ...question, environment: { X: '1' } })).not.toBe(first);
  writeFileSync(file, 'config B\n\tbool "b"\n');
  utimesSync(file, 1, 1);
  expect(cache.get(question).find('B')?.isDefined).toBe(true);
});
