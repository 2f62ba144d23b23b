// SPDX-License-Identifier: BSD-3-Clause

/**
 * The keys in a guest's own `data` folder of xenstore by which it reports: that it waits before `main` (1; whoever claims it writes 0),
 * nanoseconds to `main`, and its exit code.
 */
export const PARKED_KEY = 'unicore-parked';
export const READY_KEY = 'unicore-ready';
export const EXIT_KEY = 'unicore-exit';

/**
 * Runs in dom0 and turns xenstore's watches into one line for each thing that the driver wants to know, so that nothing is
 * polled and nothing has to be listed. Values come from guests, who may write anything: only digits are let through.
 *
 *     changed                       some domain has shut down, or went
 *     node DOMID                    its folder was made or removed
 *     made DOMID UUID               a toolstack has made a domain
 *     key DOMID UUID NAME VALUE     a guest wrote `data/NAME`
 *
 * `@releaseDomain` fires at a shutdown as at a destruction (xenstored's domain_cleanup), and names no domain. The making of
 * one guest fires 200 events: grep lets the four through that matter, for the shell reads a byte at a time. A grep that cannot
 * pass each line on at once (BusyBox's) is left out.
 */
export const WATCH_SCRIPT = `
wanted='^(@|/local/domain/[0-9]+(/vm|/data/(${PARKED_KEY}|${READY_KEY}|${EXIT_KEY}))?$)'
echo @ | grep --line-buffered -E "$wanted" >/dev/null 2>&1 || grep() { cat; }
xenstore-watch @releaseDomain /local/domain | grep --line-buffered -E "$wanted" | while read -r path; do
	case $path in
	@*) echo changed ;;
	/local/domain/*/data/${PARKED_KEY} | /local/domain/*/data/${READY_KEY} | /local/domain/*/data/${EXIT_KEY})
		domid=\${path#/local/domain/}
		domid=\${domid%%/*}
		values=$(xenstore-read "$path" "/local/domain/$domid/vm" 2>/dev/null) || continue
		value=\${values%%/*}
		value=\${value%?}
		case $value in *[!0-9]* | '') continue ;; esac
		echo "key $domid \${values##*/} \${path##*/} $value"
		;;
	/local/domain/*/*/*) ;;
	/local/domain/*/vm)
		domid=\${path#/local/domain/}
		vm=$(xenstore-read "$path" 2>/dev/null) || continue
		echo "made \${domid%/vm} \${vm##*/}"
		;;
	/local/domain/*/*) ;;
	/local/domain/*) echo "node \${path##*/}" ;;
	esac
done`;

export type WatchLine =
  | { readonly type: 'changed' }
  | { readonly type: 'node'; readonly domid: number }
  | { readonly type: 'made'; readonly domid: number; readonly uuid: string }
  | {
      readonly type: 'key';
      readonly domid: number;
      readonly uuid: string;
      readonly key: string;
      readonly value: number;
    };

const LINE =
  /^(?:(changed)|node (\d{1,5})|made (\d{1,5}) ([0-9a-f-]{36})|key (\d{1,5}) ([0-9a-f-]{36}) ([a-z-]+) (\d{1,15}))$/;

/** Reads one line of the watch script; null for anything else. */
export function parseWatchLine(line: string): WatchLine | null {
  const match = LINE.exec(line);
  if (match === null) return null;
  const [, changed, node, made, madeUuid = '', of, uuid = '', key = '', value] = match;
  if (changed !== undefined) return { type: 'changed' };
  if (node !== undefined) return { type: 'node', domid: Number(node) };
  if (made !== undefined) return { type: 'made', domid: Number(made), uuid: madeUuid };
  return { type: 'key', domid: Number(of), uuid, key, value: Number(value) };
}
