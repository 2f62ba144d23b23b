// SPDX-License-Identifier: BSD-3-Clause
import { setTimeout as sleep } from 'node:timers/promises';
import type { XenHost } from '../../test/xenhost/xen-host.ts';
import type { Way, WayName } from './ways.ts';

const READY_MILLISECONDS = 300_000;
const IDLE_SECONDS = 20;

export interface Measured {
  readonly name: WayName;
  /** Milliseconds of each, in order. */
  readonly creates: readonly number[];
  readonly destroys: readonly number[];
  /** Guests that reached main. */
  readonly ready: number;
  /** What dom0 used of one core while all guests idled, percent. */
  readonly dom0: number;
  /** What there is in dom0 after the last is destroyed that was not there before, for people. */
  readonly left: string;
}

/** Makes guests until there are `count` or the time is up, then ends them all. */
export async function measure(
  name: WayName,
  way: Way,
  host: XenHost,
  count: number,
  milliseconds: number,
): Promise<Measured> {
  const before = await inventory(host);
  const creates: number[] = [];
  const giveUp = performance.now() + milliseconds;
  while (creates.length < count && performance.now() < giveUp) {
    creates.push(await way.create());
    if (creates.length % 50 === 0) console.log(`${name}: ${creates.length} guests`);
  }
  const ready = await untilReady(way, creates.length);
  const dom0 = await dom0Percent(host);
  const destroys: number[] = [];
  while (destroys.length < creates.length) destroys.push(await way.destroy());
  await way.close();
  return { name, creates, destroys, ready, dom0, left: difference(before, await inventory(host)) };
}

async function untilReady(way: Way, count: number): Promise<number> {
  const giveUp = performance.now() + READY_MILLISECONDS;
  let ready = await way.ready();
  while (ready < count && performance.now() < giveUp) {
    await sleep(500);
    ready = await way.ready();
  }
  return ready;
}

/** Processor time of dom0 by Xen's own account, over a while. */
async function dom0Percent(host: XenHost): Promise<number> {
  const read = async (): Promise<number> =>
    Number(/\s(\d+\.\d)\s*$/m.exec((await host.run('xl list 0')).stdout)?.[1] ?? NaN);
  const before = await read();
  await sleep(IDLE_SECONDS * 1000);
  return Math.round(((await read()) - before) * (100 / IDLE_SECONDS));
}

/** Counts of what guests leave traces in. */
async function inventory(host: XenHost): Promise<ReadonlyMap<string, number>> {
  const counts: readonly (readonly [string, string])[] = [
    ['domains', 'xl list | tail -n +2 | wc -l'],
    ['xenstore domains', 'xenstore-list /local/domain | wc -l'],
    ['xenstore /vm', 'xenstore-list /vm | wc -l'],
    ['xenstore /libxl', 'xenstore-list /libxl | wc -l'],
    ['terminals', 'ls /dev/pts | wc -l'],
    ['files of libxl', 'ls /var/lib/xen | wc -l'],
    ['processes', "ps -e -o comm= | grep -c -E '^(xl|tail|xenstore-watch|qemu-.*|cat)$'"],
  ];
  const found = new Map<string, number>();
  for (const [what, command] of counts) {
    found.set(what, Number((await host.run(command, 300_000)).stdout));
  }
  return found;
}

function difference(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): string {
  const more = [...after].flatMap(([what, number]) => {
    const extra = number - (before.get(what) ?? 0);
    return extra > 0 ? [`${extra} ${what}`] : [];
  });
  return more.length === 0 ? 'nothing' : more.join(', ');
}
