// SPDX-License-Identifier: BSD-3-Clause
import { UnicoreError } from '../../errors/index.js';
import { ARCHIVE_LIMITS } from './limits.js';

/** What make can handle: it splits words at blanks and has its own meaning for some characters. */
const NAME = /^[A-Za-z0-9._+@,][A-Za-z0-9._+@,-]*$/;

/**
 * The parts of a path in an archive, which must lie below the archive's root; `[]` for the root itself.
 * @throws INVALID_ARCHIVE
 */
export function entryPath(path: string): readonly string[] {
  const refuse = (reason: string): never => {
    throw new UnicoreError(
      'INVALID_ARCHIVE',
      `The archive holds ${JSON.stringify(path.slice(0, 100))}: ${reason}.`,
    );
  };
  if (path.startsWith('/')) refuse('an absolute path');
  if (Buffer.byteLength(path) > ARCHIVE_LIMITS.pathBytes) {
    refuse(`a path of more than ${ARCHIVE_LIMITS.pathBytes} bytes`);
  }
  const parts = path.replace(/\/$/, '').split('/');
  if (parts[0] === '.') parts.shift();
  if (parts.length > ARCHIVE_LIMITS.depth) refuse(`more than ${ARCHIVE_LIMITS.depth} folders deep`);
  for (const part of parts) {
    if (part === '..' || part === '.' || part === '') refuse('a path that is not a plain one');
    if (!NAME.test(part)) {
      refuse('names are letters, digits and . _ + @ , - only, since make cannot handle others');
    }
    // What GNU tar calls a file with holes, when it writes it in the format of POSIX.
    if (part.startsWith('GNUSparseFile.')) refuse('a sparse file');
  }
  return parts;
}
