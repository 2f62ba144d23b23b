// SPDX-License-Identifier: BSD-3-Clause
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../durable-file.js';
import type { ImageLibrary } from '../image.js';
import { joinLicences } from '../sbom/index.js';
import type { LibrarySizes } from './size-map.js';

type SourceFacts = Pick<ImageLibrary, 'version' | 'licence' | 'sourcesHash'>;

const UNKNOWN: SourceFacts = { version: null, licence: null, sourcesHash: null };
/** What is compiled into an image. Build rules and Kconfig files are not, and their licence is not the image's. */
const SOURCE = /\.(?:[chS]|lds|lds\.S)$/;
const LICENCE_LINE =
  /SPDX-License-Identifier:[ \t]*([A-Za-z0-9.+() -]{1,200}?)[ \t]*(?:\*\/|\r?\n|$)/;
const VERSION_LINE = /^VERSION[ \t]*:?=[ \t]*([A-Za-z0-9.+~_-]{1,64})[ \t]*$/m;
const UNSAID = '';
/** The SPDX line is at a file's beginning. */
const HEAD_CHARACTERS = 2_048;

/**
 * What the manifest says of each library that the table of sizes names: licence and version come from its folder below
 * `poolsDirectory`, those of the application from its own. Libraries are named by their folder: `lib/libc` is `libc`.
 */
export async function describeLibraries(
  table: readonly LibrarySizes[],
  poolsDirectory: string,
  appDirectory: string,
): Promise<readonly ImageLibrary[]> {
  return Promise.all(
    table.map(async ({ path, sizes }) => {
      const facts = path.startsWith('app/')
        ? await sourceFacts(appDirectory)
        : await poolsFacts(path, poolsDirectory);
      const { code, constants, data, bss } = sizes;
      const name = path.slice(path.lastIndexOf('/') + 1);
      return { name, bytes: code + constants + data + bss, sizes, ...facts };
    }),
  );
}

async function poolsFacts(path: string, poolsDirectory: string): Promise<SourceFacts> {
  if (!/^(?:arch|plat|lib)\/[a-z][a-z0-9_-]*$/.test(path)) return UNKNOWN;
  const facts = await sourceFacts(join(poolsDirectory, path));
  if (facts !== UNKNOWN || !path.startsWith('lib/')) return facts;
  // The build rules call the libraries of both pools so.
  return sourceFacts(join(poolsDirectory, path.replace('lib/', 'ext/')));
}

/**
 * Licence, version and hash of a library's sources, which depend on nothing but the names and contents of its files. The licence is that
 * of the files' SPDX lines, which each file of the pools has to have; the version that which its Makefile.uc declares as
 * `VERSION := 1.2`, as a port of a released program does, else the beginning of the hash.
 */
async function sourceFacts(folder: string): Promise<SourceFacts> {
  const files = await sourceFiles(folder);
  if (files.length === 0) return UNKNOWN;
  const hash = createHash('sha256');
  const licences = new Set<string>();
  for (const file of files) {
    const content = await readFile(join(folder, file));
    hash.update(`${file}\0${content.length}\0`).update(content);
    const head = content.toString('latin1', 0, HEAD_CHARACTERS);
    licences.add(LICENCE_LINE.exec(head)?.[1] ?? UNSAID);
  }
  const sourcesHash = hash.digest('hex');
  const declared = VERSION_LINE.exec(await readIfThere(join(folder, 'Makefile.uc')))?.[1];
  return {
    version: declared ?? `sources-${sourcesHash.slice(0, 12)}`,
    // Nothing can be said of the whole if a file does not say.
    licence: licences.has(UNSAID) ? null : joinLicences([...licences]),
    sourcesHash,
  };
}

/** Sorted, relative to the folder; without its tests and what was built in it. */
async function sourceFiles(folder: string): Promise<readonly string[]> {
  const files: string[] = [];
  const folders = [''];
  for (let under = folders.pop(); under !== undefined; under = folders.pop()) {
    for (const entry of await entriesOf(join(folder, under))) {
      const path = under === '' ? entry.name : `${under}/${entry.name}`;
      if (entry.name.startsWith('.')) continue;
      if (entry.isDirectory() && path !== 'test' && path !== 'build') folders.push(path);
      else if (entry.isFile() && SOURCE.test(entry.name)) files.push(path);
    }
  }
  return files.sort();
}

async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return '';
    throw error;
  }
}
