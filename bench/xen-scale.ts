// SPDX-License-Identifier: BSD-3-Clause
/**
 * Many PVH guests of 2 MiB at once on a Xen host in QEMU, made one after the other: by `xl create` in dom0 itself, by the xl
 * driver over ssh, and by the libvirt driver over TCP. Prints how long one takes from the first to the last, whether all were ready,
 * and what is left when all are destroyed.
 *
 *   node bench/xen-scale.ts [--output FILE] [--count N] [--minutes N] [--ways NAME,...]
 *
 * A way that has not made all guests after --minutes stops there, and is measured with those that it has made. Needs `dist/` to be built and
 * the packages of `script/setup xen`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { XenHost } from '../test/xenhost/xen-host.ts';
import { poolImage } from './support/pool-image.ts';
import { quantile } from './support/quantile.ts';
import { publish, rounded } from './support/result.ts';
import { measure, type Measured } from './xen-scale/measure.ts';
import { driverWay, xlLoop, type Way, type WayName } from './xen-scale/ways.ts';

const { values: options } = parseArgs({
  options: {
    output: { type: 'string' },
    count: { type: 'string', default: '1000' },
    minutes: { type: 'string', default: '20' },
    ways: { type: 'string', default: 'xl driver,libvirt driver,xl create' },
  },
});
const count = Number(options.count);
const milliseconds = Number(options.minutes) * 60_000;
/** How many of the first and of the last guests the columns are medians of. */
const EDGE = 25;

const folder = mkdtempSync(join(tmpdir(), 'uc-scale-'));
const image = poolImage('daemonhello', 'xen-x86_64');
const host = await XenHost.start(join(folder, 'host'));
const results: Measured[] = [];

function wayOf(name: WayName): Promise<Way> {
  return name === 'xl create' ? xlLoop(host, image) : driverWay(name, host, image, folder);
}

function median(values: readonly number[]): number {
  return Math.round(quantile(values, 0.5));
}

function save(): void {
  const rows = results.map(({ name, creates, destroys, ready, dom0, left }) => ({
    way: name,
    guests: creates.length,
    ready,
    [`first ${EDGE}, p50 ms`]: median(creates.slice(0, EDGE)),
    [`last ${EDGE}, p50 ms`]: median(creates.slice(-EDGE)),
    'last / first': rounded(median(creates.slice(-EDGE)) / median(creates.slice(0, EDGE))),
    'destroy, p50 ms': median(destroys),
    'dom0, % of one core, idle guests': dom0,
    left,
  }));
  const series = results.map(({ name, creates }) => ({ name, points: smooth(creates) }));
  const title = 'One create, by the number of guests that there are';
  publish(
    'xen-scale',
    [{ title: 'PVH guests of 2 MiB on the nested Xen host', rows }],
    [{ title, x: 'guests', y: 'milliseconds', series }],
    options.output,
  );
}

/** Medians of ten at a time. */
function smooth(values: readonly number[]): (readonly [number, number])[] {
  const points: (readonly [number, number])[] = [];
  for (let from = 0; from < values.length; from += 10) {
    points.push([from + 1, median(values.slice(from, from + 10))]);
  }
  return points;
}

try {
  for (const name of options.ways.split(',') as WayName[]) {
    await host.reset();
    results.push(await measure(name, await wayOf(name), host, count, milliseconds));
    save();
  }
} finally {
  await host.stop();
  rmSync(folder, { recursive: true, force: true });
}
