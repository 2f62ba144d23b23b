// SPDX-License-Identifier: BSD-3-Clause
/**
 * Many PVH guests of 2 MiB at once on one Xen host in QEMU, made in turns by `xl create` in dom0 itself, by the xl driver over
 * ssh, and by the libvirt driver over TCP: how long one takes from the first to the last, whether all reach main, and what is
 * left when all are destroyed.
 *
 *   node bench/xen-scale.ts [--output FILE] [--count N] [--minutes N] [--ways NAME,...] [--store NAME]
 *
 * A thousand take an hour and a half, and most of another one to destroy. What is not made after --minutes is left out. Needs `dist/` to be built and the packages of `script/setup xen`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { XenHost, type XenstoreDaemon } from '../test/xenhost/xen-host.ts';
import { interruptible } from './support/interruption.ts';
import { poolImage } from './support/pool-image.ts';
import { quantile } from './support/quantile.ts';
import { publish, rounded } from './support/result.ts';
import { measure, type Create } from './xen-scale/measure.ts';
import { driverWay, type Way } from './xen-scale/ways.ts';
import { xlLoop } from './xen-scale/xl-loop.ts';

const { values: options } = parseArgs({
  options: {
    output: { type: 'string' },
    count: { type: 'string', default: '1000' },
    minutes: { type: 'string', default: '110' },
    store: { type: 'string', default: 'xenstored' },
    ways: { type: 'string', default: 'xl create,xl driver,libvirt driver' },
  },
});
const count = Number(options.count);
/** The columns are medians of the first and of the last part of all. */
const EDGE = 0.05;
/** How many of one way make one point of the chart. */
const SMOOTHED = 10;

const folder = mkdtempSync(join(tmpdir(), 'uc-scale-'));
const image = poolImage('daemonhello', 'xen-x86_64');
const host = await XenHost.start(join(folder, 'host'), { store: storeOf(options.store) });

function storeOf(name: string): XenstoreDaemon {
  if (name === 'xenstored' || name === 'oxenstored') return name;
  throw new Error(`there is no store '${name}': xenstored (C) or oxenstored`);
}

function wayOf(name: string): Promise<Way> {
  if (name === 'xl create') return xlLoop(host, image);
  if (name === 'xl driver' || name === 'libvirt driver') {
    return driverWay(name, host, image, folder);
  }
  throw new Error(`there is no way '${name}' to make a guest`);
}

function median(values: readonly number[]): number {
  return Math.round(quantile(values, 0.5));
}

function timesOf(creates: readonly Create[], from: number, to: number): number {
  const within = creates.filter(({ number }) => number > from && number <= to);
  return median(within.map(({ milliseconds }) => milliseconds));
}

function smooth(creates: readonly Create[]): (readonly [number, number])[] {
  const points: (readonly [number, number])[] = [];
  for (let from = 0; from < creates.length; from += SMOOTHED) {
    const some = creates.slice(from, from + SMOOTHED);
    points.push([
      median(some.map(({ number }) => number)),
      median(some.map(({ milliseconds }) => milliseconds)),
    ]);
  }
  return points;
}

try {
  const ways = new Map<string, Way>();
  for (const name of options.ways.split(',')) ways.set(name, await wayOf(name));
  const duration = Number(options.minutes) * 60_000;
  const measured = await interruptible(measure(ways, host, count, duration));
  const { made, ready, dom0, left, nameLookups, results } = measured;
  const rows = results.map(({ name, creates, destroys, told }) => {
    const first = timesOf(creates, 0, made * EDGE);
    const last = timesOf(creates, made * (1 - EDGE), made);
    return {
      'made by': name,
      guests: creates.length,
      'first 5 %, p50 ms': first,
      'last 5 %, p50 ms': last,
      'last / first': rounded(last / first),
      'destroy, p50 ms': median(destroys),
      'told ready by the driver': told ?? '',
    };
  });
  const whole = [
    { what: 'guests at once', value: made },
    { what: 'that reached main', value: ready },
    { what: 'dom0 while all idle, % of one core', value: dom0 },
    { what: "libxl's search for a name, empty host, ms", value: nameLookups.before },
    { what: "libxl's search for a name, full host, ms", value: nameLookups.after },
    { what: 'left in dom0 when all are destroyed', value: left },
  ];
  const series = results.map(({ name, creates }) => ({ name, points: smooth(creates) }));
  const title = 'One create, by the number of guests on the host';
  publish(
    'xen-scale',
    [
      {
        title: `PVH guests of 2 MiB on one nested Xen host with ${options.store}, made in turns`,
        rows,
      },
      { title: 'The host', rows: whole },
    ],
    [{ title, x: 'guests', y: 'milliseconds', series }],
    options.output,
  );
} finally {
  await host.stop();
  rmSync(folder, { recursive: true, force: true });
}
