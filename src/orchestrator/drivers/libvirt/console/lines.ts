// SPDX-License-Identifier: BSD-3-Clause

/** What a Unicore image says about itself on its console, one line each. */
export type GuestReport =
  | { readonly type: 'parked' }
  | { readonly type: 'ready'; readonly bootNanoseconds: number | null }
  | { readonly type: 'exit'; readonly code: number }
  | { readonly type: 'panic'; readonly message: string };

/** What it says of its end. */
export type EndReport = Exclude<GuestReport, { type: 'parked' | 'ready' }>;

/** Longer lines are none of ours; what is kept of an unfinished line is bounded by it. */
const MAX_LINE_BYTES = 512;

/** Finds `uc: parked`, `uc: ready <ns>`, `uc: exit <code>` and `uc: panic: <message>` in console output that comes in pieces. */
export class ReportScanner {
  /** The line that has no end yet, one character for each byte. */
  #line = '';

  /** The reports in the next piece of output. */
  scan(data: Uint8Array): GuestReport[] {
    const text =
      this.#line + Buffer.from(data.buffer, data.byteOffset, data.length).toString('latin1');
    const reports: GuestReport[] = [];
    let start = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      const report = text.startsWith('uc: ', start) ? parseLine(text.slice(start, end)) : null;
      if (report !== null) reports.push(report);
      start = end + 1;
    }
    this.#line = text.slice(start, start + MAX_LINE_BYTES);
    return reports;
  }

  /** The report in a last line that has no end. */
  finish(): GuestReport | null {
    const report = parseLine(this.#line);
    this.#line = '';
    return report;
  }
}

const REPORT = /^uc: (?:(parked)|(ready)(?: (\d{1,19}))?|exit (-?\d{1,10})|panic: (.*))$/s;

function parseLine(line: string): GuestReport | null {
  const match = REPORT.exec(line.replace(/\r$/, '').slice(0, MAX_LINE_BYTES));
  if (match === null) return null;
  const [, parked, ready, nanoseconds, code, panic] = match;
  if (parked !== undefined) return { type: 'parked' };
  if (ready !== undefined) {
    const bootNanoseconds = nanoseconds === undefined ? null : Number(nanoseconds);
    return { type: 'ready', bootNanoseconds };
  }
  if (code !== undefined) return { type: 'exit', code: Number(code) };
  return { type: 'panic', message: Buffer.from(panic ?? '', 'latin1').toString('utf8') };
}
