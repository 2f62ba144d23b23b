// SPDX-License-Identifier: BSD-3-Clause
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { Dom0, Dom0Stream } from './dom0.js';
import { EXIT_KEY, parseWatchLine, READY_KEY, WATCH_SCRIPT } from './watch-script.js';

/** What a guest has said of itself so far. */
export interface GuestReport {
  readonly bootNanoseconds?: number;
  readonly exitCode?: number;
}

export interface ReportListener {
  /** A domain was made, has shut down, or went. */
  readonly changed: () => void;
  /** A guest wrote one of the keys by which it reports. */
  readonly report: (domid: number, report: GuestReport) => void;
  /** Nothing more will come. */
  readonly lost: () => void;
}

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

  /** What a guest has reported so far. */
  async read(domid: number): Promise<GuestReport> {
    const [ready, exit] = await Promise.all([
      this.#read(domid, READY_KEY),
      this.#read(domid, EXIT_KEY),
    ]);
    return {
      ...(ready === null ? {} : reportOf(READY_KEY, ready)),
      ...(exit === null ? {} : reportOf(EXIT_KEY, exit)),
    };
  }

  async #read(domid: number, key: string): Promise<number | null> {
    const result = await this.#dom0.run(['xenstore-read', `/local/domain/${domid}/data/${key}`], {
      timeoutMilliseconds: 60_000,
    });
    const text = result.stdout.trim();
    return result.exitCode === 0 && /^\d{1,15}$/.test(text) ? Number(text) : null;
  }
}

function reportOf(key: string, value: number): GuestReport {
  return key === READY_KEY ? { bootNanoseconds: value } : { exitCode: value & 0xff };
}

async function follow(stream: Dom0Stream, listener: ReportListener): Promise<void> {
  try {
    for await (const line of createInterface({ input: Readable.from(stream.output) })) {
      const parsed = parseWatchLine(line);
      if (parsed?.type === 'changed') listener.changed();
      else if (parsed?.type === 'key')
        listener.report(parsed.domid, reportOf(parsed.key, parsed.value));
    }
  } catch {
    // A stream that broke off is one that ended.
  }
  listener.lost();
}
