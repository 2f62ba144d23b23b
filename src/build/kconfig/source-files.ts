// SPDX-License-Identifier: BSD-3-Clause
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { isUnicoreError, messageOf, UnicoreError } from '../../errors/index.js';
import { LIMITS } from './limits.js';

/** How the engine reaches Kconfig files. The paths are as the tree writes them: relative ones are for the port to place. */
export interface KconfigFiles {
  /** The file's text and its identity (the same for two paths of one file), or null if there is no such file. */
  read(file: string): { readonly text: string; readonly identity: string } | null;
  /** Names in a folder, or null if there is no such folder. */
  list(folder: string): readonly string[] | null;
}

/**
 * Files on disk, below `roots` only. A path that leads outside, be it by `..`, absolutely or through a symbolic link, is
 * refused. Relative paths start at `directory`, then at `$srctree` if that is given, as in the kernel's tools.
 */
export function filesBelow(
  roots: readonly string[],
  directory: string,
  sourceTree?: string,
): KconfigFiles {
  const allowed = roots.map(realRoot);
  const starts = [directory, ...(sourceTree === undefined ? [] : [sourceTree])];

  const resolve = (name: string): string | null => {
    if (name.includes('\0')) return null;
    for (const start of starts) {
      let real: string;
      try {
        real = realpathSync(path.resolve(start, name));
      } catch {
        continue;
      }
      if (!allowed.some((root) => isWithin(root, real))) {
        throw new UnicoreError(
          'CONFIGURATION_FAILED',
          `"${name}" lies outside of the folders that Kconfig files may be read from`,
        );
      }
      return real;
    }
    return null;
  };

  return {
    read(name) {
      const real = resolve(name);
      if (real === null) return null;
      try {
        const status = statSync(real);
        if (!status.isFile()) return null;
        if (status.size > LIMITS.fileBytes) {
          throw new UnicoreError(
            'CONFIGURATION_FAILED',
            `"${name}" is larger than ${LIMITS.fileBytes} bytes`,
          );
        }
        return { text: readFileSync(real, 'utf8'), identity: real };
      } catch (error) {
        if (isUnicoreError(error)) throw error;
        throw new UnicoreError(
          'CONFIGURATION_FAILED',
          `"${name}" cannot be read: ${messageOf(error)}`,
          { cause: error },
        );
      }
    },
    list(folder) {
      const real = resolve(folder === '' ? '.' : folder);
      if (real === null) return null;
      try {
        return readdirSync(real);
      } catch {
        return null;
      }
    },
  };
}

function realRoot(root: string): string {
  try {
    return realpathSync(root);
  } catch (error) {
    throw new UnicoreError(
      'CONFIGURATION_FAILED',
      `Kconfig files cannot be read from "${root}": ${messageOf(error)}`,
      { cause: error },
    );
  }
}

function isWithin(root: string, file: string): boolean {
  return file === root || file.startsWith(root.endsWith('/') ? root : `${root}/`);
}

/** Files in memory, named as the tree names them; for tests, and for trees that never touch a disk. */
export function filesInMemory(files: Readonly<Record<string, string>>): KconfigFiles {
  const byPath = new Map(
    Object.entries(files).map(([name, text]) => [path.posix.normalize(name), text]),
  );
  return {
    read(name) {
      const identity = path.posix.normalize(name);
      const text = byPath.get(identity);
      return text === undefined ? null : { text, identity };
    },
    list(folder) {
      const prefix = folder === '' || folder === '.' ? '' : `${path.posix.normalize(folder)}/`;
      const names = new Set<string>();
      for (const name of byPath.keys()) {
        const [first] = name.startsWith(prefix) ? name.slice(prefix.length).split('/') : [];
        if (first !== undefined && first !== '') names.add(first);
      }
      return names.size === 0 ? null : [...names];
    },
  };
}
