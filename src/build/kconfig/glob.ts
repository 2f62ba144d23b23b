// SPDX-License-Identifier: BSD-3-Clause
import type { KconfigFiles } from './source-files.js';
import { LIMITS } from './limits.js';

/** Whether the path holds a pattern: `*`, `?` or `[...]`, as in glob(7). */
export function isPattern(name: string): boolean {
  return /[*?[]/.test(name);
}

/**
 * The files that a pattern matches, in the order of their bytes, as glob(3) gives them in the C locale. A wildcard matches
 * neither `/` nor a leading dot; `**` is not special.
 */
export function expandGlob(files: KconfigFiles, pattern: string): readonly string[] {
  const absolute = pattern.startsWith('/');
  let found: string[] = [absolute ? '/' : ''];
  for (const part of pattern.split('/').filter((piece) => piece !== '')) {
    const next: string[] = [];
    for (const folder of found) {
      if (!isPattern(part)) {
        next.push(join(folder, part));
      } else {
        for (const name of files.list(folder) ?? []) {
          if (matchesPattern(part, name)) next.push(join(folder, name));
        }
      }
      if (next.length > LIMITS.globMatches) return next;
    }
    found = next;
  }
  return found.sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
}

function join(folder: string, name: string): string {
  return folder === '' || folder.endsWith('/') ? folder + name : `${folder}/${name}`;
}

/** One path component against one pattern, in time linear in their product: no backtracking over several stars. */
export function matchesPattern(pattern: string, name: string): boolean {
  if (name.startsWith('.') && !pattern.startsWith('.')) return false;
  let patternIndex = 0;
  let nameIndex = 0;
  let starIndex = -1;
  let starName = 0;
  while (nameIndex < name.length) {
    const step = matchOne(pattern, patternIndex, name.charAt(nameIndex));
    if (pattern[patternIndex] === '*') {
      starIndex = patternIndex++;
      starName = nameIndex;
    } else if (step > 0) {
      patternIndex += step;
      nameIndex++;
    } else if (starIndex >= 0) {
      patternIndex = starIndex + 1;
      nameIndex = ++starName;
    } else {
      return false;
    }
  }
  while (pattern[patternIndex] === '*') patternIndex++;
  return patternIndex === pattern.length;
}

/** How many characters of the pattern matched `character`; 0 if none did. */
function matchOne(pattern: string, index: number, character: string): number {
  const symbol = pattern[index];
  if (symbol === undefined || symbol === '*') return 0;
  if (symbol === '?') return 1;
  if (symbol !== '[') return symbol === character ? 1 : 0;
  const negated = pattern[index + 1] === '!' || pattern[index + 1] === '^';
  const start = index + (negated ? 2 : 1);
  const end = pattern.indexOf(']', start + 1);
  if (end < 0) return symbol === character ? 1 : 0;
  let matched = false;
  for (let at = start; at < end; at++) {
    const low = pattern.charAt(at);
    if (pattern[at + 1] === '-' && at + 2 < end) {
      if (low <= character && character <= pattern.charAt(at + 2)) matched = true;
      at += 2;
    } else if (low === character) {
      matched = true;
    }
  }
  return matched === negated ? 0 : end - index + 1;
}
