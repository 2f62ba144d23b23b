// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { RunningDaemon } from '../../test/support/running-daemon.js';
import {
  bubblewrapRival,
  compilePosixSpawn,
  posixSpawnRate,
  posixSpawnRival,
  runcRival,
} from '../linuxu/rivals.js';
import { Api } from '../support/api.js';
import { create, createMany, endWithInstances, remove, removeMany } from '../support/instances.js';
import { interruptible } from '../support/interruption.js';
import { poolImage } from '../support/pool-image.js';
import { publish, rounded, Samples } from '../support/result.js';
import { quantile } from '../support/quantile.js';

const TARGET = 'linuxu-x86_64';
const WARM_UP = 100;
const BULK_ROUNDS = 5;
const CONFIGURATION = `
[[hosts]]
id = "local"
driver = "linuxu"
`;

const ENDS = ['running', 'stopped'];

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      output: { type: 'string' },
      rounds: { type: 'string', default: '100' },
      bulk: { type: 'string', default: '1000' },
    },
  });
  const directory = mkdtempSync(join(tmpdir(), 'uc-bench-'));
  const daemon = await RunningDaemon.launch({ toml: CONFIGURATION, ownGroup: true });
  const api = new Api(daemon.url, daemon.token);
  try {
    const spawns = new Samples();
    await interruptible(latencies(api, directory, spawns, Number(values.rounds)));
    const bulk = await interruptible(bulkRates(api, directory, Number(values.bulk)));
    const tables = [spawns.table('From the request to main, linuxu'), bulk];
    publish('spawn', tables, [], values.output);
  } finally {
    api.close();
    await endWithInstances(daemon);
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Lets the daemon build an application, and gives the image's digest. */
async function digestOf(api: Api, body: object): Promise<string> {
  const { image, id } = await create(api, body, ENDS);
  await remove(api, id);
  return image;
}

async function latencies(
  api: Api,
  directory: string,
  samples: Samples,
  rounds: number,
): Promise<void> {
  const hello = poolImage('helloworld', TARGET);
  const byApp = { app: 'helloworld', target: TARGET };
  const ours = { 'POST by image': { image: await digestOf(api, byApp) }, 'POST by app': byApp };
  const rivals = [
    posixSpawnRival(compilePosixSpawn(directory), hello),
    bubblewrapRival(hello),
    runcRival(directory, hello),
  ];
  for (let round = -WARM_UP; round < rounds; round++) {
    if (round === 0) samples.clear();
    for (const [name, body] of Object.entries(ours)) {
      const { id } = await samples.time(name, () => create(api, body, ENDS));
      await remove(api, id);
    }
    if (round < -1) continue;
    for (const rival of rivals) {
      for (const value of await rival.measure()) samples.add(rival.name, value);
    }
  }
}

async function bulkRates(api: Api, directory: string, count: number) {
  const path = poolImage('daemonhello', TARGET);
  const image = await digestOf(api, { app: 'daemonhello', target: TARGET });
  const program = compilePosixSpawn(directory);
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < BULK_ROUNDS; round++) {
    const begun = performance.now();
    const ids = await createMany(api, image, count);
    ours.push((count / (performance.now() - begun)) * 1000);
    await removeMany(api, ids);
    theirs.push(posixSpawnRate(program, path, count));
  }
  const [mine, loop] = [quantile(ours, 0.5), quantile(theirs, 0.5)];
  return {
    title: `${count} at once, all in main, per second (median of ${BULK_ROUNDS} rounds)`,
    rows: [
      { what: 'POST with count', 'per s': rounded(mine, 0), 'to the loop': rounded(mine / loop) },
      { what: 'posix_spawn loop in C', 'per s': rounded(loop, 0), 'to the loop': 1 },
    ],
  };
}
