// SPDX-License-Identifier: BSD-3-Clause
import { UnicoreError } from '../../../../errors/index.js';
import { consoleLogPath } from '../console.js';
import type { Dom0, Dom0Result } from '../dom0.js';
import type { XenDomain } from '../xen-domain.js';
import { xlSettings, type XlDomain } from './xl-config.js';
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

/** The verbs of xl(1) that we use, with its words turned into our errors. */
export class XlCommands {
  readonly #dom0: Dom0;

  constructor(dom0: Dom0) {
    this.#dom0 = dom0;
  }

  /**
   * `-e`: no process of xl's stays behind for each domain; its end is seen by the driver. The settings are arguments, so
   * no file is written: `/dev/null` as the file's name is xl's own way to say so.
   */
  async create(domain: XlDomain, paused: boolean): Promise<'created' | 'exists'> {
    const flags = paused ? ['-q', '-e', '-p'] : ['-q', '-e'];
    const result = await this.#dom0.run(
      ['xl', 'create', ...flags, '/dev/null', ...xlSettings(domain)],
      { timeoutMilliseconds: CREATE_MILLISECONDS },
    );
    if (result.exitCode === 0) return 'created';
    if (result.stderr.includes('already exists')) return 'exists';
    throw createFailure(result);
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
