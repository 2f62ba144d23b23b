// SPDX-License-Identifier: BSD-3-Clause
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parseArgs } from 'node:util';
import {
  openSqliteStateStore,
  systemClock,
  type Instance,
  type Instances,
  type Orchestrator,
} from '../../src/orchestrator/index.js';
import { simImage, World } from '../../test/sim/index.js';
import { quantile } from '../support/quantile.ts';
import { publish, rounded } from '../support/result.ts';

const SINGLES = 300;
const PAGES = 100;
const IMAGE = simImage('hello');
const REQUEST = { source: { image: IMAGE.manifest.digest } } as const;

interface Quantiles {
  readonly p50: number;
  readonly p99: number;
}

function quantiles(samples: readonly number[]): Quantiles {
  return { p50: quantile(samples, 0.5), p99: quantile(samples, 0.99) };
}

/** Milliseconds that the action takes. */
async function timed(action: () => unknown): Promise<number> {
  const begun = performance.now();
  await action();
  return performance.now() - begun;
}

const runs = (instance: Instance): boolean => instance.status.phase === 'running';

/** One create after another: until it is accepted (durable), and until it runs. */
async function singles(instances: Instances): Promise<{ accepted: Quantiles; running: Quantiles }> {
  const accepted: number[] = [];
  const running: number[] = [];
  for (let i = 0; i < SINGLES; i++) {
    let id = '';
    const acceptance = await timed(async () => {
      id = (await instances.create(REQUEST)).id;
    });
    const rest = await timed(() => instances.waitUntil(id, runs));
    accepted.push(acceptance);
    running.push(acceptance + rest);
    await instances.delete(id);
    await instances.waitUntil(id, () => false);
  }
  return { accepted: quantiles(accepted), running: quantiles(running) };
}

/** A single durable commit of about an instance's size with nothing around it: what the disk itself asks for. */
async function rawCommits(directory: string): Promise<Quantiles> {
  const database = new DatabaseSync(join(directory, 'raw.db'));
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (a TEXT)');
  const insert = database.prepare('INSERT INTO t VALUES (?)');
  const samples: number[] = [];
  for (let i = 0; i < SINGLES; i++) {
    samples.push(await timed(() => insert.run('x'.repeat(1_500))));
    await new Promise((resolve) => setImmediate(resolve));
  }
  database.close();
  return quantiles(samples);
}

async function pages(instances: Instances): Promise<Quantiles> {
  const samples: number[] = [];
  let cursor: string | null = null;
  for (let i = 0; i < PAGES; i++) {
    samples.push(
      await timed(() => {
        const page = instances.list({ limit: 500, ...(cursor === null ? {} : { cursor }) });
        JSON.stringify(page.items);
        cursor = page.next;
      }),
    );
  }
  return quantiles(samples);
}

async function idsOf(instances: Instances): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const page: ReturnType<Instances['list']> = instances.list({
      limit: 500,
      ...(cursor === null ? {} : { cursor }),
    });
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.next;
    await new Promise((resolve) => setImmediate(resolve));
  } while (cursor !== null);
  return ids;
}

async function bulk(orchestrator: Orchestrator, count: number): Promise<number> {
  return timed(async () => {
    const { id } = await orchestrator.instances.createMany(REQUEST, count);
    const { failed } = await orchestrator.operations.wait(id);
    if (failed > 0) throw new Error(`${failed} of ${count} failed`);
  });
}

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { output: { type: 'string' }, count: { type: 'string', default: '10000' } },
  });
  const count = Number(values.count);
  const directory = await mkdtemp(join(tmpdir(), 'unicore-bench-'));
  try {
    const results = await measure(directory, count);
    const rows = Object.entries(results).map(([what, value]) => ({ what, value: rounded(value) }));
    publish('control-plane', [{ title: 'On simulated hosts', rows }], [], values.output);
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function measure(directory: string, count: number): Promise<Record<string, number>> {
  const results: Record<string, number> = {};
  const note = (name: string, { p50, p99 }: Quantiles): void => {
    results[`${name}, p50 ms`] = p50;
    results[`${name}, p99 ms`] = p99;
  };
  const rss = (): number => process.memoryUsage().rss / 2 ** 20;
  let store = await openSqliteStateStore(join(directory, 'state'));
  const world = await World.start({
    clock: systemClock,
    images: [IMAGE],
    hosts: { local: {} },
    store,
  });
  const { instances } = world.orchestrator;
  results['RSS at 0, MiB'] = rss();
  await singles(instances); // warms up
  note('raw durable commit, before', await rawCommits(directory));
  const empty = await singles(instances);
  note('create accepted, at 0', empty.accepted);
  note('create running, at 0', empty.running);

  const bulkMilliseconds = await bulk(world.orchestrator, count);
  results[`bulk of ${count}, created and running per s`] = (count / bulkMilliseconds) * 1_000;
  results[`RSS at ${count}, MiB`] = rss();
  const full = await singles(instances);
  await rm(join(directory, 'raw.db'), { force: true });
  note('raw durable commit, after', await rawCommits(directory));
  note(`create accepted, at ${count}`, full.accepted);
  note(`create running, at ${count}`, full.running);
  results['flat cost: p50 running, full / empty'] = full.running.p50 / empty.running.p50;
  note('list page of 500 with JSON', await pages(instances));

  await world.stop();
  await store.close();
  store = await openSqliteStateStore(join(directory, 'state'));
  results[`restart with ${count}, ms`] = await timed(() => world.start(store));
  const { running } = world.orchestrator.instances.counts();
  if (running !== count) throw new Error(`${running} of ${count} were adopted`);

  const ids = await idsOf(world.orchestrator.instances);
  const deleting = await timed(() =>
    Promise.all(
      ids.map(async (id) => {
        await world.orchestrator.instances.delete(id);
        await world.orchestrator.instances.waitUntil(id, () => false);
      }),
    ),
  );
  results['deleted and gone per s'] = (count / deleting) * 1_000;
  await world.stop();
  await store.close();
  Object.assign(results, await withoutDisk(count));
  return results;
}

/** The same without a disk: what is left is the orchestrator's own work. */
async function withoutDisk(count: number): Promise<Record<string, number>> {
  const world = await World.start({ clock: systemClock, images: [IMAGE], hosts: { local: {} } });
  const { instances } = world.orchestrator;
  await singles(instances);
  const empty = await singles(instances);
  const milliseconds = await bulk(world.orchestrator, count);
  const full = await singles(instances);
  await world.stop();
  return {
    'in memory: create running, at 0, p50 ms': empty.running.p50,
    'in memory: create running, at 0, p99 ms': empty.running.p99,
    [`in memory: create running, at ${count}, p50 ms`]: full.running.p50,
    [`in memory: create running, at ${count}, p99 ms`]: full.running.p99,
    [`in memory: bulk of ${count}, created and running per s`]: (count / milliseconds) * 1_000,
  };
}
