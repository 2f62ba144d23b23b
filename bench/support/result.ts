// SPDX-License-Identifier: BSD-3-Clause
import { writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { quantile } from './quantile.ts';

export type Cell = string | number;

/** Rows of the same columns. */
export interface Table {
  readonly title: string;
  readonly rows: readonly Readonly<Record<string, Cell>>[];
}

/** Lines in one picture. Points are `[x, y]`. */
export interface Chart {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly series: readonly {
    readonly name: string;
    readonly points: readonly (readonly [number, number])[];
  }[];
}

/** What one benchmark found, as its JSON file holds it. */
export interface BenchmarkResult {
  readonly benchmark: string;
  readonly takenAt: string;
  readonly machine: {
    readonly processor: string;
    readonly cores: number;
    readonly memoryGiB: number;
    readonly kernel: string;
    readonly node: string;
    /** Processes that wanted to run, averaged over the minute before the end: above the cores, others were at work, too. */
    readonly load: number;
  };
  readonly tables: readonly Table[];
  readonly charts: readonly Chart[];
}

/** Prints the tables, and writes the whole into a file where one is named. */
export function publish(
  benchmark: string,
  tables: readonly Table[],
  charts: readonly Chart[],
  output: string | undefined,
): void {
  for (const { title, rows } of tables) {
    console.log(`\n${title}`);
    console.table(rows);
  }
  if (output === undefined) return;
  const result: BenchmarkResult = {
    benchmark,
    takenAt: new Date().toISOString(),
    machine: {
      processor: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      kernel: release(),
      node: process.version,
      load: rounded(loadavg()[0] ?? 0, 1),
    },
    tables,
    charts,
  };
  writeFileSync(output, `${JSON.stringify(result, null, 2)}\n`);
}

export function rounded(value: number, digits = 2): number {
  return Number(value.toFixed(digits));
}

/** Samples by what was measured, in the order of their first appearance. */
export class Samples {
  readonly #taken = new Map<string, number[]>();

  add(what: string, value: number): void {
    const values = this.#taken.get(what);
    if (values === undefined) this.#taken.set(what, [value]);
    else values.push(value);
  }

  /** Takes the milliseconds of an action, and gives what it gives. */
  async time<T>(what: string, action: () => T | Promise<T>): Promise<T> {
    const begun = performance.now();
    const result = await action();
    this.add(what, performance.now() - begun);
    return result;
  }

  clear(): void {
    this.#taken.clear();
  }

  /** The value that a share of the samples does not exceed. */
  quantile(what: string, share: number): number {
    return quantile(this.#taken.get(what) ?? [], share);
  }

  /** Median and 99th percentile in milliseconds. */
  table(title: string): Table {
    const rows = [...this.#taken].map(([what, values]) => ({
      what,
      runs: values.length,
      'p50 ms': rounded(quantile(values, 0.5), 3),
      'p99 ms': rounded(quantile(values, 0.99), 3),
    }));
    return { title, rows };
  }
}
