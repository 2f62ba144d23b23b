// SPDX-License-Identifier: BSD-3-Clause
import { stripVTControlCharacters } from 'node:util';

/** Where commands write: JSON for programs, tables and lines for people. */
export class Output {
  constructor(
    private readonly out: NodeJS.WritableStream,
    private readonly err: NodeJS.WritableStream & { readonly isTTY?: boolean },
    readonly json: boolean,
  ) {}

  /** Whether a person is watching. */
  get interactive(): boolean {
    return this.err.isTTY === true && !this.json;
  }

  /** One result: as JSON, or as the text for people. */
  result(value: unknown, text: () => string): void {
    this.out.write(this.json ? `${JSON.stringify(value)}\n` : `${text()}\n`);
  }

  /** Bytes of a guest or a build, as they are. */
  write(data: Uint8Array | string): void {
    this.out.write(data);
  }

  /** A remark beside the result. */
  note(text: string): void {
    this.err.write(`${text}\n`);
  }

  /** Text beside the result, as it is. */
  remark(text: string): void {
    this.err.write(text);
  }

  /** A line that replaces itself, where a person is watching. */
  progress(text: string): void {
    if (this.interactive) this.err.write(`\r\u001b[K${text}`);
  }

  endProgress(): void {
    if (this.interactive) this.err.write('\r\u001b[K');
  }
}

/** Columns as wide as their widest cell. What comes from the daemon cannot move the cursor. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map((row) => row.map(printable));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Text without control characters. */
export function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is taken out
  return stripVTControlCharacters(text).replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, ' ');
}

export function bytes(count: number): string {
  if (count < 1024) return `${count} B`;
  if (count < 1024 ** 2) return `${(count / 1024).toFixed(1)} KiB`;
  return count < 1024 ** 3
    ? `${(count / 1024 ** 2).toFixed(1)} MiB`
    : `${(count / 1024 ** 3).toFixed(1)} GiB`;
}

/** How long ago, in the largest unit that fits. */
export function age(timestamp: string, now = Date.now()): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(timestamp)) / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}
