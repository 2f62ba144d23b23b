// SPDX-License-Identifier: BSD-3-Clause
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { Dom0, Dom0Stream } from './dom0.js';
import { EXIT_KEY, PARKED_KEY, parseWatchLine, READY_KEY, WATCH_SCRIPT } from './watch-script.js';

/** What a guest has said of itself so far. */
export interface GuestReport {
  readonly bootNanoseconds?: number;
  readonly exitCode?: number;
  /** Whether it waits before `main`; false once it was claimed. */
  readonly parked?: boolean;
}

export interface ReportListener {
  /** Some domain has shut down, or went. */
  readonly changed: () => void;
  /** A domain's folder in xenstore was made or removed. */
  readonly node: (domid: number) => void;
  /** A domain was made, by whomever. */
  readonly made: (domid: number, uuid: string) => void;
  /** A guest wrote one of the keys by which it reports. */
  readonly report: (domid: number, uuid: string, report: GuestReport) => void;
  /** Nothing more will come. */
  readonly lost: () => void;
}

/** Prints `DOMID READY EXIT PARKED` for each domain id that it is given, with `-` for what was not reported. */
const REPORTS_SCRIPT = `
read_key() {
	value=$(xenstore-read "/local/domain/$1/data/$2" 2>/dev/null)
	case $value in *[!0-9]* | '') value=- ;; esac
	printf ' %s' "$value"
}
for domid; do
	printf '%s' "$domid"
	read_key "$domid" ${READY_KEY}
	read_key "$domid" ${EXIT_KEY}
	read_key "$domid" ${PARKED_KEY}
	echo
done`;
/** How many domains one command asks for. */
const DOMAINS_AT_ONCE = 200;
const READ_MILLISECONDS = 120_000;

/** What guests say of themselves in xenstore. */
export class GuestReports {
  readonly #dom0: Dom0;

  constructor(dom0: Dom0) {
    this.#dom0 = dom0;
  }

  watch(listener: ReportListener): Dom0Stream {
    const stream = this.#dom0.stream(['sh', '-c', WATCH_SCRIPT]);
    void follow(stream, listener);
    return stream;
  }

  /** What these domains have reported so far. */
  async read(domids: readonly number[]): Promise<ReadonlyMap<number, GuestReport>> {
    const reports = new Map<number, GuestReport>();
    for (let from = 0; from < domids.length; from += DOMAINS_AT_ONCE) {
      const some = domids.slice(from, from + DOMAINS_AT_ONCE).map(String);
      const { stdout } = await this.#dom0.run(['sh', '-c', REPORTS_SCRIPT, 'sh', ...some], {
        timeoutMilliseconds: READ_MILLISECONDS,
      });
      for (const [, domid, ready, exit, parked] of stdout.matchAll(REPORT_LINE)) {
        reports.set(Number(domid), {
          ...(ready === '-' ? {} : reportOf(READY_KEY, Number(ready))),
          ...(exit === '-' ? {} : reportOf(EXIT_KEY, Number(exit))),
          ...(parked === '-' ? {} : reportOf(PARKED_KEY, Number(parked))),
        });
      }
    }
    return reports;
  }

  /** Whether a domain with this id is in xenstore. */
  async exists(domid: number): Promise<boolean> {
    const { exitCode } = await this.#dom0.run(['xenstore-exists', `/local/domain/${domid}`], {
      timeoutMilliseconds: READ_MILLISECONDS,
    });
    return exitCode === 0;
  }
}

const REPORT_LINE = /^(\d{1,5}) (\d{1,15}|-) (\d{1,15}|-) (\d{1,15}|-)$/gm;

function reportOf(key: string, value: number): GuestReport {
  if (key === PARKED_KEY) return { parked: value === 1 };
  return key === READY_KEY ? { bootNanoseconds: value } : { exitCode: value & 0xff };
}

async function follow(stream: Dom0Stream, listener: ReportListener): Promise<void> {
  try {
    for await (const text of createInterface({ input: Readable.from(stream.output) })) {
      const line = parseWatchLine(text);
      if (line?.type === 'changed') listener.changed();
      else if (line?.type === 'node') listener.node(line.domid);
      else if (line?.type === 'made') listener.made(line.domid, line.uuid);
      else if (line?.type === 'key')
        listener.report(line.domid, line.uuid, reportOf(line.key, line.value));
    }
  } catch {
    // A stream that broke off is one that ended.
  }
  listener.lost();
}
