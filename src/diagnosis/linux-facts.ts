// SPDX-License-Identifier: BSD-3-Clause

/** Runs a program on the machine that is looked at, for a bounded time. */
export type RunThere = (
  command: readonly string[],
) => Promise<{ readonly exitCode: number | null; readonly stdout: string }>;

/** What a Linux machine says of itself. Null: it does not say. */
export interface LinuxFacts {
  readonly pidMax: number | null;
  readonly threadsMax: number | null;
  /** The lowest bound of processes among the cgroups of the process in question; infinite without one. */
  readonly cgroupPids: { readonly most: number; readonly path: string } | null;
  readonly fileMax: number | null;
  readonly maxMapCount: number | null;
  /** vm.overcommit_memory: 0 by heuristics, 1 always, 2 never. */
  readonly overcommit: number | null;
  readonly swapBytes: number | null;
  readonly freeSwapBytes: number | null;
  readonly pseudoTerminals: number | null;
  /** What a seccomp filter can answer, as in `kill_process`; empty if the kernel has no seccomp. */
  readonly seccompActions: readonly string[];
  /** Programs that run, by name. */
  readonly daemons: readonly DaemonFacts[];
}

export interface DaemonFacts {
  readonly name: string;
  readonly pid: number;
  /** Its limit of open files, and how many it has open. */
  readonly openFilesMost: number;
  readonly openFiles: number;
  readonly commandLine: string;
}

/**
 * Prints one `NAME VALUE…` a line. `$1` is the process whose cgroup is looked at, the others are names of programs. Where files
 * are: proc(5), and Documentation/admin-guide/cgroup-v2.rst of Linux. (Kernel settings must be read at once, not byte by byte as the
 * shell's own `read` does.)
 */
const SCRIPT = `
tell() { [ -r "$2" ] && echo "$1 $(cat "$2")"; }
tell pid-max /proc/sys/kernel/pid_max
tell threads-max /proc/sys/kernel/threads-max
tell file-max /proc/sys/fs/file-max
tell max-map-count /proc/sys/vm/max_map_count
tell overcommit /proc/sys/vm/overcommit_memory
tell pty-max /proc/sys/kernel/pty/max
tell seccomp /proc/sys/kernel/seccomp/actions_avail
while read -r name value _; do
	case $name in
	SwapTotal: | SwapFree:) echo "$name $value" ;;
	esac
done </proc/meminfo
while IFS=: read -r number controllers path; do
	case $number:,$controllers, in
	0:,,) base=/sys/fs/cgroup ;;
	*,pids,*) base=/sys/fs/cgroup/pids ;;
	*) continue ;;
	esac
	echo "cgroup-pids max $base"
	while [ -n "$path" ]; do
		[ -r "$base$path/pids.max" ] && echo "cgroup-pids $(cat "$base$path/pids.max") $base$path"
		path=\${path%/*}
	done
done <"/proc/$1/cgroup"
shift
for name; do
	for pid in $(pidof "$name"); do
		limit=
		while read -r a b c soft _; do
			[ "$a $b $c" = 'Max open files' ] && limit=$soft
		done <"/proc/$pid/limits"
		set -- "/proc/$pid/fd/"*
		echo "daemon $name $pid $limit $# $(tr '\\0' ' ' <"/proc/$pid/cmdline")"
	done
done 2>/dev/null
exit 0`;

/** Asks a machine. `process`: a pid, or `self`; `programs`: daemons to look for. */
export async function gatherLinuxFacts(
  run: RunThere,
  process: number | 'self' = 'self',
  programs: readonly string[] = [],
): Promise<LinuxFacts> {
  const { stdout } = await run(['sh', '-c', SCRIPT, 'sh', String(process), ...programs]);
  return parseLinuxFacts(stdout);
}

const DAEMON = /^daemon (\S+) (\d+) (\d+|unlimited) (\d+) ?(.*)$/gm;

/** Reads what the script printed. */
export function parseLinuxFacts(text: string): LinuxFacts {
  const words = (name: string): readonly string[] | null => {
    const line = text.split('\n').find((each) => each.startsWith(`${name} `));
    return line === undefined ? null : line.trim().split(/\s+/).slice(1);
  };
  const number = (name: string): number | null => {
    const [value] = words(name) ?? [];
    return value === undefined || !/^\d{1,19}$/.test(value) ? null : Number(value);
  };
  const kibibytes = (name: string): number | null => {
    const value = number(name);
    return value === null ? null : value * 1024;
  };
  return {
    pidMax: number('pid-max'),
    threadsMax: number('threads-max'),
    cgroupPids: lowestOf(text),
    fileMax: number('file-max'),
    maxMapCount: number('max-map-count'),
    overcommit: number('overcommit'),
    swapBytes: kibibytes('SwapTotal:'),
    freeSwapBytes: kibibytes('SwapFree:'),
    pseudoTerminals: number('pty-max'),
    seccompActions: words('seccomp') ?? [],
    daemons: [...text.matchAll(DAEMON)].map(([, name = '', pid, most, open, commandLine = '']) => ({
      name,
      pid: Number(pid),
      openFilesMost: most === 'unlimited' ? Infinity : Number(most),
      openFiles: Number(open),
      commandLine: commandLine.trim(),
    })),
  };
}

function lowestOf(text: string): LinuxFacts['cgroupPids'] {
  let lowest: LinuxFacts['cgroupPids'] = null;
  for (const [, value, path = ''] of text.matchAll(/^cgroup-pids (\d+|max) (.+)$/gm)) {
    const most = value === 'max' ? Infinity : Number(value);
    if (lowest === null || most < lowest.most) lowest = { most, path };
  }
  return lowest;
}
