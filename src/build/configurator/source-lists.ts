// SPDX-License-Identifier: BSD-3-Clause
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PoolsView } from '../pools/index.js';

/**
 * Writes the lists of Kconfig files that the root Kconfig reads (`$UC_SOURCES/lib.kconfig` and others, see the pools'
 * support/README.md), into a folder of `directory` that is named by what is in it, so that a change never touches one that is
 * in use. Returns the folder.
 */
export async function writeSourceLists(view: PoolsView, directory: string): Promise<string> {
  const lists = sourceLists(view);
  const folder = join(directory, nameOf(lists));
  await mkdir(folder, { recursive: true });
  for (const [name, content] of Object.entries(lists)) await writeFile(join(folder, name), content);
  return folder;
}

/** The name of the folder that `writeSourceLists` writes. */
export function sourceListsName(view: PoolsView): string {
  return nameOf(sourceLists(view));
}

type Lists = Readonly<Record<string, string>>;

function sourceLists(view: PoolsView): Lists {
  const list = (folders: readonly string[]): string =>
    folders.map((path) => `source "${join(view.directory, path)}/Kconfig"\n`).join('');
  return {
    'lib.kconfig': list(view.libraryFolders),
    'plat.kconfig': list(view.platformFolders),
    'arch.kconfig': list(view.architectureFolders),
  };
}

function nameOf(lists: Lists): string {
  return createHash('sha256').update(JSON.stringify(lists)).digest('hex');
}
