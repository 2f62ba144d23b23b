// SPDX-License-Identifier: BSD-3-Clause
import { readFileSync } from 'node:fs';

/** The version of the package that this program is part of. */
export function productVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(text) as { readonly version: string };
  return version;
}
