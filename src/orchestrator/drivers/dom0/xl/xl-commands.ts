// SPDX-License-Identifier: BSD-3-Clause
import { UnicoreError } from '../../../../errors/index.js';
import { consoleLogPath } from '../console.js';
import type { Dom0, Dom0Result } from '../dom0.js';
import type { XenDomain } from '../xen-domain.js';
import { nameSetting, xlSettings, type XlDomain } from './xl-config.js';
import {
  parseDom0MemoryBytes,
  parseXlInfo,
  parseXlKernels,
  parseXlList,
  type XlInfo,
  type XlListRow,
} from './xl-list.js';

/**
 * Deadlines, milliseconds, above libxl's own: it waits 10 s for a device (LIBXL_INIT_TIMEOUT) and as long for its undoing, several
 * times over; a busy dom0 makes everything some times slower.
 */
const QUICK_MILLISECONDS = 60_000;
const CREATE_MILLISECONDS = 180_000;

/** Exit code of our scripts for a domain that is not there, or is another one by now. */
const NOT_THERE = 90;
/** Whether a number is the domain's that is meant. One whose making was broken off may be unknown to xenstore. */
const IS_IT = `
is_it() {
	[ "$(xenstore-read "/local/domain/$1/vm" 2>/dev/null)" = "/vm/$2" ] ||
		xl list -v "$1" 2>/dev/null | grep -qF " $2 "
}`;
/**
 * xl's verb on one domain, if it is the one that is meant. By number: to find a name, xl asks xenstore for that of each domain of
 * the host.
 */
const ON_DOMAIN = `${IS_IT}
is_it "$1" "$2" || exit ${NOT_THERE}
exec xl "$3" "$1"`;
/** What it has printed goes with it, in the same command: that goes on in dom0 when whoever gave it is no more. */
const DESTROY = `${IS_IT}
status=${NOT_THERE}
if is_it "$1" "$2"; then
	xl destroy "$1"
	status=$?
fi
if [ $status -eq 0 ] || ! is_it "$1" "$2"; then
	rm -f -- "$3"
fi
exit $status`;

/**
 * Makes a domain, paused, and without its name: libxl looks for a name that is given among all domains, one after another, which is most of
 * what a creation takes on a host with hundreds. A log that is there tells of another one that may have the name: then libxl is to look.
 */
const CREATE = `
log=$1 name=$2
shift 2
[ -e "$log" ] || name='name=""'
exec xl create -q -e -p /dev/null "$name" "$@"`;
/**
 * Lets a domain run that has its name by now. xenconsoled names a log when it finds the domain's console, by the name that the domain has
 * then: if that was none, it has to open its logs again, before anything is printed.
 */
const COMPLETE = `
log=$1 domid=$2 verb=$3
logs() { tr '\\0' '\\n' <"/proc/$1/cmdline" | grep -qE '^(--log=|-l)(guest|all)$'; }
daemon=$(pidof xenconsoled)
if [ ! -e "$log" ] && logs "$daemon" 2>/dev/null; then
	kill -HUP "$daemon"
	n=0
	until [ -e "$log" ] || [ $n -ge 50 ]; do
		sleep 0.1
		n=$((n + 1))
	done
fi
[ "$verb" = none ] || exec xl "$verb" "$domid"`;
/** The UUIDs in the arguments of creations that go on, whoever has begun them. */
const UNDER_WAY = `grep -zahosE '^uuid="[0-9a-f-]{36}"$' /proc/[0-9]*/cmdline; true`;

/** Ends those of one UUID. What they have made by then stays. */
const END_CREATION = `
running() { grep -zlsE "^uuid=\\"$1\\"\\$" /proc/[0-9]*/cmdline; }
for file in $(running "$1"); do
	process=\${file#/proc/}
	kill -KILL "\${process%/cmdline}" 2>/dev/null
done
n=0
while running "$1" >/dev/null; do
	[ $n -lt 100 ] || exit 1
	sleep 0.1
	n=$((n + 1))
done`;

/** The verbs of xl(1) that we use, with its words turned into our errors. */
export class XlCommands {
  readonly #dom0: Dom0;

  constructor(dom0: Dom0) {
    this.#dom0 = dom0;
  }

  /**
   * Makes a domain. One that is `nameless` is paused then, and may have no name yet: `complete` is to follow. `-e`: no process of xl's
   * stays behind for each domain; its end is seen by the driver. The settings are arguments, so no file is written: `/dev/null` as the
   * file's name is xl's own way to say so.
   */
  async create(
    domain: XlDomain,
    how: 'running' | 'paused' | 'nameless',
  ): Promise<'created' | 'exists'> {
    const settings = [nameSetting(domain.name), ...xlSettings(domain)];
    const flags = how === 'paused' ? ['-q', '-e', '-p'] : ['-q', '-e'];
    const command =
      how === 'nameless'
        ? ['sh', '-c', CREATE, 'sh', consoleLogPath(domain.name), ...settings]
        : ['xl', 'create', ...flags, '/dev/null', ...settings];
    const result = await this.#dom0.run(command, { timeoutMilliseconds: CREATE_MILLISECONDS });
    if (result.exitCode === 0) return 'created';
    if (result.stderr.includes('already exists')) return 'exists';
    throw createFailure(result);
  }

  /** Has what a domain prints kept, under the name that it has in xenstore, and lets it run unless it is to stay paused. */
  async complete(name: string, domid: number, paused: boolean): Promise<void> {
    const verb = paused ? 'none' : 'unpause';
    const command = ['sh', '-c', COMPLETE, 'sh', consoleLogPath(name), String(domid), verb];
    const result = await this.#dom0.run(command, { timeoutMilliseconds: CREATE_MILLISECONDS });
    if (result.exitCode !== 0) throw createFailure(result);
  }

  /** The UUIDs of the domains for which an `xl create` runs in dom0, whoever has begun it. */
  async underWay(): Promise<ReadonlySet<string>> {
    const listed = await this.#output(['sh', '-c', UNDER_WAY]);
    return new Set(listed.match(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g));
  }

  /** Ends an `xl create` that nobody waits for any more, in the midst of what it does. @throws DRIVER_FAILED if it does not end */
  async endCreation(id: string): Promise<void> {
    const result = await this.#dom0.run(['sh', '-c', END_CREATION, 'sh', id], {
      timeoutMilliseconds: QUICK_MILLISECONDS,
    });
    if (result.exitCode === 0) return;
    throw new UnicoreError('DRIVER_FAILED', `An 'xl create' for ${id} in dom0 cannot be ended.`);
  }

  /** Destroys a domain and removes what it has printed. False if there is no such domain. */
  async destroy({ domid, id, name }: XenDomain & { readonly name: string }): Promise<boolean> {
    const command = ['sh', '-c', DESTROY, 'sh', String(domid), id, consoleLogPath(name)];
    const result = await this.#dom0.run(command, { timeoutMilliseconds: CREATE_MILLISECONDS });
    return wasThere('destroy', result);
  }

  async shutdown(domain: XenDomain): Promise<boolean> {
    return this.#onDomain('shutdown', domain, QUICK_MILLISECONDS);
  }

  async pause(domain: XenDomain): Promise<boolean> {
    return this.#onDomain('pause', domain, QUICK_MILLISECONDS);
  }

  async unpause(domain: XenDomain): Promise<boolean> {
    return this.#onDomain('unpause', domain, QUICK_MILLISECONDS);
  }

  /** One domain's row, or null if there is no such domain. Costs the same however many there are. */
  async show({ domid, id }: XenDomain): Promise<XlListRow | null> {
    const result = await this.#dom0.run(['xl', 'list', '-v', String(domid)], {
      timeoutMilliseconds: QUICK_MILLISECONDS,
    });
    return parseXlList(result.stdout).find(({ uuid }) => uuid === id) ?? null;
  }

  async list(): Promise<readonly XlListRow[]> {
    return parseXlList(await this.#output(['xl', 'list', '-v']));
  }

  /**
   * The kernel that each domain was made with, by UUID; of one domain, or of all. Larger than `list` by far: one whole
   * configuration for each.
   */
  async kernels(domid: number | null): Promise<ReadonlyMap<string, string>> {
    const which = domid === null ? [] : [String(domid)];
    const result = await this.#dom0.run(['xl', 'list', '-l', ...which], {
      timeoutMilliseconds: CREATE_MILLISECONDS,
    });
    // A domain may go while it is looked at.
    if (result.exitCode !== 0 && domid !== null) return new Map();
    if (result.exitCode !== 0) throw unavailable('xl list -l', result);
    return parseXlKernels(result.stdout);
  }

  async info(): Promise<XlInfo> {
    return parseXlInfo(await this.#output(['xl', 'info']));
  }

  /** Memory that dom0 has taken for itself, in bytes. */
  async dom0MemoryBytes(): Promise<number> {
    return parseDom0MemoryBytes(await this.#output(['xl', 'list', '0']));
  }

  async #output(command: readonly string[]): Promise<string> {
    const result = await this.#dom0.run(command, { timeoutMilliseconds: QUICK_MILLISECONDS });
    if (result.exitCode !== 0) throw unavailable(command.join(' '), result);
    return result.stdout;
  }

  async #onDomain(
    verb: 'shutdown' | 'pause' | 'unpause',
    { domid, id }: XenDomain,
    timeoutMilliseconds: number,
  ): Promise<boolean> {
    const result = await this.#dom0.run(['sh', '-c', ON_DOMAIN, 'sh', String(domid), id, verb], {
      timeoutMilliseconds,
    });
    return wasThere(verb, result);
  }
}

function wasThere(verb: string, result: Dom0Result): boolean {
  if (result.exitCode === 0) return true;
  if (result.exitCode === NOT_THERE) return false;
  if (/invalid domain identifier|Non-existant domain/.test(result.stderr)) return false;
  throw new UnicoreError('DRIVER_FAILED', `'xl ${verb}': ${complaint(result)}`);
}

function unavailable(command: string, result: Dom0Result): UnicoreError {
  return new UnicoreError('HOST_UNAVAILABLE', `'${command}': ${complaint(result)}`);
}

function createFailure(result: Dom0Result): UnicoreError {
  const words = complaint(result);
  return /allocate memory|Out of memory|not enough memory|failed to free memory/i.test(
    result.stderr,
  )
    ? new UnicoreError('NO_CAPACITY', `The Xen host has no memory for it: ${words}`, {
        retryAfterSeconds: 5,
      })
    : new UnicoreError('DRIVER_FAILED', `'xl create': ${words}`);
}

/** The first thing that xl complained of, without libxl's file names; what follows it is mostly consequence. */
function complaint(result: Dom0Result): string {
  const line = result.stderr.split('\n').find((each) => each.trim() !== '') ?? '';
  const words = line
    .replace(/^(?:libxl|xc|xl): error: /, '')
    .replace(/^[\w.]+\.c:\d+:\s*\w*:?\s*/, '')
    .trim();
  return words === '' ? `it ended with ${result.exitCode}` : words.slice(0, 500);
}
