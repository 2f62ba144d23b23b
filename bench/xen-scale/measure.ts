// SPDX-License-Identifier: BSD-3-Clause
import { setTimeout as sleep } from 'node:timers/promises';
import type { XenHost } from '../../test/xenhost/xen-host.ts';
import type { Way } from './ways.ts';

const READY_MILLISECONDS = 300_000;
const COMMAND_MILLISECONDS = 600_000;
const IDLE_SECONDS = 20;

export interface Create {
  /** Which guest of the host it was, from 1. */
  readonly number: number;
  readonly milliseconds: number;
}

export interface WayResult {
  readonly name: string;
  /** In order. */
  readonly creates: readonly Create[];
  /** Milliseconds of each. */
  readonly destroys: readonly number[];
  /** Guests of which a driver said that they reached main; null where there is no driver. */
  readonly told: number | null;
}

export interface Measured {
  readonly results: readonly WayResult[];
  readonly made: number;
  /** Guests that reached main, by xenstore. */
  readonly ready: number;
  /** What dom0 used of one core while all guests idled, percent. */
  readonly dom0: number;
  /** Milliseconds that libxl took to find that a name is not taken, which each creation does, with no guest and with all. */
  readonly nameLookups: { readonly before: number; readonly after: number };
  /** What there is in dom0 after the last is destroyed that was not there before, for people. */
  readonly left: string;
}

/** Makes guests in turns, one at a time, until there are `count` or the time is up; then ends them all in the same order. */
export async function measure(
  ways: ReadonlyMap<string, Way>,
  host: XenHost,
  count: number,
  milliseconds: number,
): Promise<Measured> {
  const turns = [...ways];
  const creates = turns.map((): Create[] => []);
  const destroys = turns.map((): number[] => []);
  const before = await inventory(host);
  const lookupBefore = await nameLookup(host);
  const giveUp = performance.now() + milliseconds;
  let made = 0;
  while (made < count && performance.now() < giveUp) {
    const turn = made % turns.length;
    try {
      const milliseconds = (await turns[turn]?.[1].create()) ?? NaN;
      made += 1;
      creates[turn]?.push({ number: made, milliseconds });
    } catch (error) {
      // What was measured until here took an hour: a host that is full ends the row, not the run.
      console.error(`Guest ${made + 1} was not made: ${String(error)}`);
      break;
    }
    if (made % 50 === 0) console.log(`${made} guests, ${new Date().toISOString()}`);
  }
  const ready = await untilReady(host, made);
  const lookupAfter = await nameLookup(host);
  const dom0 = await dom0Percent(host);
  const told = turns.map(([, way]) => way.told());
  for (let number = 0; number < made; number++) {
    const turn = number % turns.length;
    destroys[turn]?.push((await turns[turn]?.[1].destroy()) ?? NaN);
    if (number % 100 === 99) console.log(`${number + 1} destroyed, ${new Date().toISOString()}`);
  }
  for (const [, way] of turns) await way.close();
  return {
    results: turns.map(([name], turn) => ({
      name,
      creates: creates[turn] ?? [],
      destroys: destroys[turn] ?? [],
      told: told[turn] ?? null,
    })),
    made,
    ready,
    dom0,
    nameLookups: { before: lookupBefore, after: lookupAfter },
    left: difference(before, await inventory(host)),
  };
}

/** Waits until as many guests as were made have said in xenstore that they reached main, or the time is up. */
async function untilReady(host: XenHost, count: number): Promise<number> {
  const script =
    'n=0; for d in $(xenstore-list /local/domain); do xenstore-exists /local/domain/$d/data/unicore-ready && n=$((n+1)); done; echo $n';
  const giveUp = performance.now() + READY_MILLISECONDS;
  for (;;) {
    const ready = Number((await host.run(script, COMMAND_MILLISECONDS)).stdout);
    if (ready >= count || performance.now() > giveUp) return ready;
    await sleep(2000);
  }
}

/** Milliseconds that `xl domid` needs to find that there is no such name, median of 5. */
async function nameLookup(host: XenHost): Promise<number> {
  const script =
    'for i in 1 2 3 4 5; do b=$(date +%s%N); xl domid no-such-name >/dev/null 2>&1; echo $((($(date +%s%N) - b) / 1000000)); done | sort -n | sed -n 3p';
  return Number((await host.run(script, COMMAND_MILLISECONDS)).stdout);
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
    found.set(what, Number((await host.run(command, COMMAND_MILLISECONDS)).stdout));
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
