// SPDX-License-Identifier: BSD-3-Clause

/** The keys in a guest's own `data` folder of xenstore by which it reports: nanoseconds to `main`, and its exit code. */
export const READY_KEY = 'unicore-ready';
export const EXIT_KEY = 'unicore-exit';

/**
 * Runs in dom0 and turns xenstore's watches into one line for each thing that the driver wants to know, so that nothing is
 * polled. Values come from guests, who may write anything: only digits are let through.
 *
 *     changed                  a domain was made, has shut down, or went
 *     key DOMID NAME VALUE     a guest wrote `data/NAME`
 *
 * `@releaseDomain` fires at a shutdown as at a destruction (xenstored's domain_cleanup), and names no domain.
 */
export const WATCH_SCRIPT = `
xenstore-watch @introduceDomain @releaseDomain /local/domain | while read -r path; do
	case $path in
	@*) echo changed ;;
	/local/domain/*/data/${READY_KEY} | /local/domain/*/data/${EXIT_KEY})
		value=$(xenstore-read "$path" 2>/dev/null) || continue
		case $value in *[!0-9]* | '') continue ;; esac
		domid=\${path#/local/domain/}
		echo "key \${domid%%/*} \${path##*/} $value"
		;;
	esac
done`;

export type WatchLine =
  | { readonly type: 'changed' }
  | { readonly type: 'key'; readonly domid: number; readonly key: string; readonly value: number };

/** Reads one line of the watch script; null for anything else. */
export function parseWatchLine(line: string): WatchLine | null {
  if (line === 'changed') return { type: 'changed' };
  const match = /^key (\d{1,5}) ([a-z-]+) (\d{1,15})$/.exec(line);
  if (match === null) return null;
  const [, domid, key = '', value] = match;
  return { type: 'key', domid: Number(domid), key, value: Number(value) };
}
