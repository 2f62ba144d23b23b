// SPDX-License-Identifier: BSD-3-Clause
/**
 * Makes one page with tables and charts of the JSON files of benchmarks.
 *
 *   node bench/report/report.ts FOLDER_OF_JSON FOLDER_OF_PAGE
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchmarkResult, Cell, Table } from '../support/result.ts';
import { drawChart } from './chart.ts';

const [source, destination] = process.argv.slice(2);
if (source === undefined || destination === undefined) {
  console.error('usage: node bench/report/report.ts FOLDER_OF_JSON FOLDER_OF_PAGE');
  process.exit(2);
}
mkdirSync(destination, { recursive: true });

function markdownTable({ title, rows }: Table): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const line = (cells: readonly Cell[]): string =>
    `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  const isNumber = (column: string): boolean =>
    rows.every((row) => typeof (row[column] ?? 0) === 'number');
  return [
    `**${title}**`,
    '',
    line(columns),
    line(columns.map((column) => (isNumber(column) ? '--:' : '---'))),
    ...rows.map((row) => line(columns.map((column) => row[column] ?? ''))),
  ].join('\n');
}

function section(result: BenchmarkResult, folder: string): string {
  const { benchmark, takenAt, machine, tables, charts } = result;
  const pictures = charts.map((chart, index) => {
    const file = `${benchmark}-${index + 1}.svg`;
    drawChart(chart, join(folder, file));
    return `![${chart.title}](${file})`;
  });
  const where = `${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Linux ${machine.kernel}, Node.js ${machine.node}`;
  return [
    `## ${benchmark}`,
    `${takenAt.slice(0, 10)}; ${where}; load ${machine.load} at its end. \`script/bench ${benchmark}\``,
    ...tables.map(markdownTable),
    ...pictures,
  ].join('\n\n');
}

const results = readdirSync(source)
  .filter((name) => name.endsWith('.json'))
  .sort()
  .map((name) => JSON.parse(readFileSync(join(source, name), 'utf8')) as BenchmarkResult);
const page = [
  '# Benchmarks',
  'Made by `script/bench --all`. What is compared stands in one table and was measured in turns in one run; a load above the number of cores says that the machine had other work. SPEC.md says what is promised.',
  ...results.map((result) => section(result, destination)),
].join('\n\n');
writeFileSync(join(destination, 'README.md'), `${page}\n`);
console.log(`${results.length} benchmarks in ${join(destination, 'README.md')}`);
