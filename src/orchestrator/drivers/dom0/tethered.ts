// SPDX-License-Identifier: BSD-3-Clause

/**
 * A program tied to its standard input: when that ends, because whoever reads the output has stopped, died or lost the connection, the
 * program is ended, with all of its process group. Without that, what prints seldom (`tail`, `xenstore-watch`) would live on in
 * dom0 until its next output. Needs setsid(1) of util-linux.
 */
const TETHER = `
exec 3<&0
setsid "$@" </dev/null 3<&- &
child=$!
{ read -r _ <&3; kill -- "-$child" 2>/dev/null || kill "$child"; } >/dev/null 2>&1 &
reader=$!
exec 3<&-
wait "$child"
status=$?
kill "$reader" 2>/dev/null
exit $status`;

/** The command that runs another one for as long as standard input is open. */
export function tethered(command: readonly string[]): readonly string[] {
  return ['sh', '-c', TETHER, 'sh', ...command];
}
