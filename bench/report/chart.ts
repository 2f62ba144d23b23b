// SPDX-License-Identifier: BSD-3-Clause
import { execFileSync } from 'node:child_process';
import type { Chart } from '../support/result.ts';

/** Draws a chart with gnuplot into an SVG file. @throws if gnuplot is not installed or refuses */
export function drawChart(chart: Chart, file: string): void {
  const blocks = chart.series.map(({ points }, index) => {
    const lines = points.map(([x, y]) => `${x} ${y}`);
    return `$series${index} << END\n${lines.join('\n')}\nEND\n`;
  });
  const plots = chart.series.map(
    ({ name }, index) => `$series${index} using 1:2 with lines lw 2 title ${quoted(name)}`,
  );
  const script = [
    ...blocks,
    'set terminal svg size 760,420 dynamic background "white" font "sans-serif,12"',
    `set output ${quoted(file)}`,
    `set title ${quoted(chart.title)}`,
    `set xlabel ${quoted(chart.x)}`,
    `set ylabel ${quoted(chart.y)}`,
    'set yrange [0:*]',
    'set grid',
    'set key below',
    `plot ${plots.join(', ')}`,
  ];
  execFileSync('gnuplot', ['-'], { input: `${script.join('\n')}\n`, timeout: 60_000 });
}

/** A string of gnuplot's in single quotes, in which only the quote itself has a meaning; `noenhanced` text has no markup. */
function quoted(text: string): string {
  return `'${text.replaceAll(/[\n\r]/g, ' ').replaceAll("'", "''")}'`;
}
