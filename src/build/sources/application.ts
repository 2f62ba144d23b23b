// SPDX-License-Identifier: BSD-3-Clause
import { UnicoreError } from '../../errors/index.js';
import { parseDeclarations, parseDefconfig, type SymbolDeclaration } from '../pools/index.js';
import { ARCHIVE_LIMITS } from './limits.js';
import type { SourceFiles } from './read-archive.js';

/** What the daemon knows of an application by looking at its files; nothing of it is run. */
export interface SourceApplication {
  readonly name: string;
  /** The prompt of its first option. */
  readonly summary: string;
  readonly declarations: readonly SymbolDeclaration[];
  readonly defaults: Readonly<Record<string, string>>;
}

const NEEDED = ['Makefile', 'Kconfig', 'Makefile.uc'] as const;
const NAME_LINE = /^APP[ \t]*(?::|\?)?=[ \t]*([A-Za-z0-9_-]+)[ \t]*$/m;
const NAME = /^[a-z][a-z0-9_-]{0,62}$/;
const MAX_SYMBOLS = 4_096;

/** @throws INVALID_SOURCE, CONFIGURATION_FAILED */
export function describeApplication(files: SourceFiles): SourceApplication {
  const missing = NEEDED.filter((name) => !files.has(name));
  if (missing.length > 0) {
    throw invalid(
      `it has no ${missing.join(', no ')}. An application is a folder with ${NEEDED.join(', ')}, defconfig and sources`,
    );
  }
  const name = NAME_LINE.exec(textOf(files, 'Makefile'))?.[1] ?? 'app';
  if (!NAME.test(name)) {
    throw invalid(
      `its name ${JSON.stringify(name.slice(0, 64))} must be lower-case letters, digits, _ and -`,
    );
  }
  const declarations = [...files.keys()]
    .filter((path) => /(?:^|\/)Kconfig[^/]*$/.test(path))
    .flatMap((path) => parseDeclarations(textOf(files, path)));
  if (declarations.length > MAX_SYMBOLS) throw invalid(`it has more than ${MAX_SYMBOLS} symbols`);
  const symbol = `APP${name.toUpperCase().replaceAll('-', '_')}`;
  const prompt = declarations.find((entry) => entry.symbol === symbol)?.prompt ?? '';
  return {
    name,
    summary: prompt.replace(`${name}: `, ''),
    declarations,
    defaults: parseDefconfig(textOf(files, 'defconfig')),
  };
}

function textOf(files: SourceFiles, path: string): string {
  const content = files.get(path)?.content ?? Buffer.alloc(0);
  if (content.length > ARCHIVE_LIMITS.settingsBytes) {
    throw invalid(`${path} is larger than ${ARCHIVE_LIMITS.settingsBytes} bytes`);
  }
  return content.toString('utf8');
}

function invalid(reason: string): UnicoreError {
  return new UnicoreError('INVALID_SOURCE', `The archive is no application: ${reason}.`);
}
