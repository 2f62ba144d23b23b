// SPDX-License-Identifier: BSD-3-Clause
/**
 * Starting linuxu unikernels through the driver, against other ways to start the same program, in turns.
 *
 *   node bench/linuxu.ts [--output FILE] [--rounds N] [--density N] [--hello IMAGE] [--daemon IMAGE]
 *
 * The images are those of pools/app/helloworld and daemonhello; needs `dist/` to be built, gcc, runc and bwrap.
 */
import { createHash, randomUUID } from 'node:crypto';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { NO_BACKGROUND, type StoredImage } from '../src/build/image.ts';
import type { DriverEvent, HypervisorDriver } from '../src/orchestrator/drivers/driver.js';
import type * as LinuxuDriverModule from '../src/orchestrator/drivers/linuxu/linuxu-driver.js';
import {
  bubblewrapRival,
  compilePosixSpawn,
  nodeSpawnRival,
  posixSpawnRate,
  posixSpawnRival,
  runcRival,
  type Rival,
} from './linuxu/rivals.ts';
import { interruptible } from './support/interruption.ts';
import { availableBytes } from './support/memory.ts';
import { poolImage } from './support/pool-image.ts';
import { quantile } from './support/quantile.ts';
import { publish } from './support/result.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values: options } = parseArgs({
  options: {
    output: { type: 'string' },
    rounds: { type: 'string', default: '100' },
    density: { type: 'string', default: '10000' },
    hello: { type: 'string' },
    daemon: { type: 'string' },
  },
});
const TARGET = 'linuxu-x86_64';
const directory = mkdtempSync(join(tmpdir(), 'unicore-bench-'));
const now = (): number => Number(process.hrtime.bigint()) / 1e6;

function stored(source: string, name: string): StoredImage {
  const path = join(directory, name);
  copyFileSync(source, path);
  chmodSync(path, 0o555);
  const bytes = readFileSync(path);
  return {
    path,
    manifest: {
      digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
      bytes: bytes.length,
      app: name,
      target: TARGET,
      architecture: 'x86_64',
      bootProtocols: ['linux-elf'],
      reportsReady: true,
      parks: false,
      minimumMemoryBytes: null,
      libraries: [],
      configuration: null,
      inputsHash: null,
      ...NO_BACKGROUND,
      origin: 'built',
      createdAt: new Date().toISOString(),
    },
  };
}

/** Starts and destroys through a driver, waiting for its events. */
class Starter {
  readonly #driver: HypervisorDriver;
  readonly #waiting = new Map<string, (event: DriverEvent) => void>();

  constructor(driver: HypervisorDriver) {
    this.#driver = driver;
    driver.onEvent((event) => {
      if ('id' in event) this.#waiting.get(`${event.type} ${event.id}`)?.(event);
    });
  }

  #until(type: string, id: string): Promise<DriverEvent> {
    return new Promise((resolve) => this.#waiting.set(`${type} ${id}`, resolve));
  }

  /** Milliseconds until `main`, and the id. */
  async start(image: StoredImage): Promise<{ id: string; milliseconds: number }> {
    const id = randomUUID();
    const begin = now();
    const ready = this.#until('ready', id);
    await this.#driver.create({
      id,
      name: `bench-${id.slice(0, 8)}`,
      image,
      memoryBytes: 4 << 20,
      vcpus: 1,
      args: [],
      paused: false,
      park: false,
    });
    await ready;
    this.#waiting.delete(`ready ${id}`);
    return { id, milliseconds: now() - begin };
  }

  async startAndEnd(image: StoredImage): Promise<number> {
    const { id, milliseconds } = await this.start(image);
    await this.#driver.destroy(id);
    return milliseconds;
  }

  /** Starts many that live, and gives the rate per second and the ids. */
  async bulk(image: StoredImage, count: number): Promise<{ rate: number; ids: string[] }> {
    const begin = now();
    const started = await Promise.all(Array.from({ length: count }, () => this.start(image)));
    return { rate: (count / (now() - begin)) * 1000, ids: started.map(({ id }) => id) };
  }

  async destroyAll(ids: readonly string[]): Promise<void> {
    await Promise.all(ids.map((id) => this.#driver.destroy(id)));
  }
}

const round = (value: number): number => Math.round(value * 1000) / 1000;
const median = (values: readonly number[]): number => quantile(values, 0.5);

async function latencies(rivals: readonly Rival[], rounds: number) {
  const samples = new Map<Rival, number[]>(rivals.map((rival) => [rival, []]));
  for (const rival of rivals) await rival.measure(); // the first of each is warm-up
  for (let turn = 0; turn < rounds; turn++) {
    for (const rival of rivals) samples.get(rival)?.push(...(await rival.measure()));
  }
  return rivals.map((rival) => {
    const values = samples.get(rival) ?? [];
    return {
      name: rival.name,
      until: rival.until,
      runs: values.length,
      p50: round(median(values)),
      p99: round(quantile(values, 0.99)),
    };
  });
}

async function bulkRates(starter: Starter, daemon: StoredImage, program: string) {
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let turn = 0; turn < 5; turn++) {
    const { rate, ids } = await starter.bulk(daemon, 1000);
    await starter.destroyAll(ids);
    ours.push(rate);
    theirs.push(posixSpawnRate(program, daemon.path, 1000));
  }
  return {
    count: 1000,
    unicorePerSecond: round(median(ours)),
    posixSpawnPerSecond: round(median(theirs)),
  };
}

async function density(
  driver: HypervisorDriver,
  starter: Starter,
  daemon: StoredImage,
  count: number,
) {
  const single = async () => {
    const samples: number[] = [];
    for (let i = 0; i < 200; i++) samples.push(await starter.startAndEnd(daemon));
    return median(samples);
  };
  const first = await single();
  const before = availableBytes();
  const { rate, ids } = await starter.bulk(daemon, count);
  const used = before - availableBytes();
  const last = await single();
  const listBegin = now();
  const listed = await driver.list();
  const statsBegin = now();
  const sampled = await driver.stats();
  const statsEnd = now();
  const destroyBegin = now();
  await starter.destroyAll(ids);
  return {
    count,
    perSecond: round(rate),
    bytesPerInstance: Math.round(used / count),
    p50First: round(first),
    p50Last: round(last),
    ratio: round(last / first),
    listMilliseconds: round(statsBegin - listBegin),
    listed: listed.length,
    statsMilliseconds: round(statsEnd - statsBegin),
    sampled: sampled.length,
    destroyMilliseconds: round(now() - destroyBegin),
  };
}

const hello = stored(options.hello ?? poolImage('helloworld', TARGET), 'helloworld');
const daemon = stored(options.daemon ?? poolImage('daemonhello', TARGET), 'daemonhello');
const module = new URL('../dist/orchestrator/drivers/linuxu/linuxu-driver.js', import.meta.url);
const { LinuxuDriver } = (await import(module.href)) as typeof LinuxuDriverModule;
const driver = new LinuxuDriver({
  launcherPath: join(root, 'dist', 'native', 'unicore-launcher'),
  stateDirectory: join(directory, 'state'),
  owner: `bench-${process.pid}`,
  maxInstances: 16_384,
  idleSeconds: 1,
});

async function measure(): Promise<void> {
  const starter = new Starter(driver);
  const program = compilePosixSpawn(directory);
  const unicore: Rival = {
    name: 'unicore linuxu driver',
    until: 'ready event',
    measure: async () => [await starter.startAndEnd(hello)],
  };
  const spawn = await latencies(
    [
      unicore,
      posixSpawnRival(program, hello.path),
      nodeSpawnRival(hello.path),
      bubblewrapRival(hello.path),
      runcRival(directory, hello.path),
    ],
    Number(options.rounds),
  );
  const tables = [
    { title: 'One after another, milliseconds', rows: spawn },
    { title: 'Many at once', rows: [await bulkRates(starter, daemon, program)] },
    {
      title: 'Many alive',
      rows: [await density(driver, starter, daemon, Number(options.density))],
    },
  ];
  publish('linuxu', tables, [], options.output);
}

await driver.open();
try {
  await interruptible(measure());
} finally {
  const left = (await driver.list()).filter(({ owned }) => owned);
  await Promise.all(left.map(({ id }) => driver.destroy(id)));
  await driver.close();
  rmSync(directory, { recursive: true });
}
