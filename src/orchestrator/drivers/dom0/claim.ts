// SPDX-License-Identifier: BSD-3-Clause
import { UnicoreError } from '../../../errors/index.js';
import type { Dom0 } from './dom0.js';
import { PARKED_KEY } from './watch-script.js';
import type { XenDomain } from './xen-domain.js';

const MILLISECONDS = 60_000;
/** Exit codes of the script. */
const GONE = 90;
const NOT_PARKED = 91;

/**
 * Gives a guest that waits its line, on the pseudo-terminal that is its console's. That it does not wait any more is noted before it is given
 * anything: whoever comes after a crash then does not give it a second line, which would be its application's input.
 *
 * The key that the guest itself writes is read last, and must be one word: it cannot stand in for the others.
 */
const CLAIM_SCRIPT = `
key=/local/domain/$1/data/${PARKED_KEY}
set -f
set -- "$2" $(xenstore-read "/local/domain/$1/vm" "/local/domain/$1/console/tty" "$key" 2>/dev/null)
[ "$2" = "/vm/$1" ] && [ $# -gt 2 ] || exit ${GONE}
[ $# -eq 4 ] && [ "$4" = 1 ] || exit ${NOT_PARKED}
number=\${3#/dev/pts/}
case $number in *[!0-9]* | '') exit ${GONE} ;; esac
xenstore-write "$key" 0 && exec cat >"/dev/pts/$number"`;

/** @throws INVALID_PHASE if it does not wait, or not any more; DOMAIN_NOT_FOUND; CONSOLE_UNAVAILABLE */
export async function claimGuest(
  dom0: Dom0,
  { domid, id }: XenDomain,
  line: Uint8Array,
): Promise<void> {
  const { exitCode, stderr } = await dom0.run(['sh', '-c', CLAIM_SCRIPT, 'sh', String(domid), id], {
    input: line,
    timeoutMilliseconds: MILLISECONDS,
  });
  if (exitCode === 0) return;
  if (exitCode === GONE) {
    throw new UnicoreError('DOMAIN_NOT_FOUND', `The domain ${id} or its console is gone.`);
  }
  if (exitCode === NOT_PARKED) throw notParked(id);
  throw new UnicoreError(
    'CONSOLE_UNAVAILABLE',
    `The domain ${id} could not be claimed over its console: ${stderr.trim()}`,
  );
}

export function notParked(id: string): UnicoreError {
  return new UnicoreError('INVALID_PHASE', `The domain ${id} does not wait to be claimed.`);
}
