// SPDX-License-Identifier: BSD-3-Clause
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('../../script/libvirtd', import.meta.url));

/** A libvirtd of its own (script/libvirtd), which needs root. `folder` is short: sockets in it have paths of at most 108 bytes. */
export function startLibvirtd(folder: string): { readonly uri: string; stop(): void } {
  const call = (verb: 'up' | 'down'): string =>
    execFileSync(SCRIPT, [verb, folder], { encoding: 'utf8', timeout: 120_000 }).trim();
  const uri = call('up');
  return {
    uri,
    stop: () => {
      call('down');
    },
  };
}
