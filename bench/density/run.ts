// SPDX-License-Identifier: BSD-3-Clause
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { RunningDaemon } from '../../test/support/running-daemon.js';
import { Api } from '../support/api.js';
import { create, createMany, endWithInstances, remove, type Item } from '../support/instances.js';
import { interruptible } from '../support/interruption.js';
import { availableBytes } from '../support/memory.js';
import { busyShare } from '../support/processor.js';
import { publish, rounded, Samples, type Cell } from '../support/result.js';
import { quantile } from '../support/quantile.js';
import { EventClients } from './event-lag.js';

const READS = 300;
const LARGEST_BULK_BESIDE_READS = 1000;
const QUIET_SECONDS = 10;

export interface DensityShape {
  /** The name of its results. */
  readonly benchmark: string;
  readonly target: string;
  /** The daemon's hosts. */
  readonly toml: string;
  readonly defaults: Readonly<Record<'count' | 'steps' | 'clients' | 'singles', number>>;
}

export async function run(shape: DensityShape, args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      output: { type: 'string' },
      count: { type: 'string' },
      steps: { type: 'string' },
      clients: { type: 'string' },
      singles: { type: 'string' },
    },
  });
  const number = (name: keyof DensityShape['defaults']): number =>
    Number(values[name] ?? shape.defaults[name]);
  const daemon = await RunningDaemon.launch({ toml: shape.toml, ownGroup: true });
  const bench = new DensityBenchmark(daemon, shape, number('count'), number('singles'));
  try {
    await interruptible(bench.measure(number('steps'), number('clients')));
    bench.publish(values.output);
  } finally {
    bench.close();
    await endWithInstances(daemon);
  }
}

class DensityBenchmark {
  readonly #daemon: RunningDaemon;
  readonly #shape: DensityShape;
  readonly #count: number;
  readonly #singleSpawns: number;
  readonly #samples = new Samples();
  readonly #figures: { what: string; value: Cell }[] = [];
  readonly #spawns: [number, number][] = [];
  #api: Api;
  #image = '';

  constructor(daemon: RunningDaemon, shape: DensityShape, count: number, singleSpawns: number) {
    this.#daemon = daemon;
    this.#shape = shape;
    this.#count = count;
    this.#singleSpawns = singleSpawns;
    this.#api = new Api(daemon.url, daemon.token);
  }

  async measure(steps: number, clients: number): Promise<void> {
    const built = await create(this.#api, { app: 'daemonhello', target: this.#shape.target });
    this.#image = built.image;
    await remove(this.#api, built.id);
    await this.#singles(0, 'warm-up');
    this.#samples.clear();

    await this.#singles(0, 'POST to main, nothing else alive');
    this.#note('daemon RSS with no instance, MiB', this.#residentMebibytes());
    const before = availableBytes();
    const begun = performance.now();
    for (let step = 1; step <= steps; step++) {
      const last = Math.floor((this.#count * (step - 1)) / steps);
      const next = Math.floor((this.#count * step) / steps);
      await createMany(this.#api, this.#image, next - last);
      await this.#singles(next, `POST to main, ${next} alive`);
    }
    this.#note(
      'all alive after, s (singles between included)',
      rounded((performance.now() - begun) / 1000, 1),
    );
    this.#note(
      'memory of the machine for each instance, KiB',
      rounded((before - availableBytes()) / this.#count / 1024, 0),
    );
    this.#note(`daemon RSS with ${this.#count}, MiB`, this.#residentMebibytes());
    this.#note(
      'processors busy while nothing is asked, %',
      rounded((await busyShare(QUIET_SECONDS)) * 100, 1),
    );
    const [first, last] = [this.#spawns.at(0)?.[1] ?? NaN, this.#spawns.at(-1)?.[1] ?? NaN];
    this.#note('flat cost: p50 of a spawn, last / first', rounded(last / first));
    await this.#reads(`with ${this.#count} alive`);
    await this.#readsDuringBulk();
    await this.#events(clients);
    await this.#restart();
  }

  publish(output: string | undefined): void {
    publish(
      this.#shape.benchmark,
      [
        {
          title: `${this.#count} instances of ${this.#shape.target} in one daemon`,
          rows: this.#figures,
        },
        this.#samples.table('Spawns and answers through the API'),
      ],
      [
        {
          title: 'POST to main, while others live',
          x: 'instances alive',
          y: 'milliseconds, p50',
          series: [{ name: this.#shape.target, points: this.#spawns }],
        },
      ],
      output,
    );
  }

  close(): void {
    this.#api.close();
  }

  #note(what: string, value: Cell): void {
    this.#figures.push({ what, value });
  }

  async #singles(alive: number, what: string): Promise<void> {
    for (let index = 0; index < this.#singleSpawns; index++) {
      const { id } = await this.#samples.time(what, () =>
        create(this.#api, { image: this.#image }),
      );
      await remove(this.#api, id);
    }
    if (what !== 'warm-up') this.#spawns.push([alive, this.#samples.quantile(what, 0.5)]);
  }

  async #reads(when: string, enough: () => boolean = () => false): Promise<void> {
    const first = await this.#api.call<{ items: Item[] }>('GET', '/v1/instances?limit=1');
    const id = first.body.items[0]?.id ?? '';
    const calls: Readonly<Record<string, string>> = {
      'GET one': `/v1/instances/${id}`,
      'GET a page of 100': '/v1/instances',
      'GET a page of 500': '/v1/instances?limit=500',
    };
    for (let index = 0; index < READS && !enough(); index++) {
      for (const [name, path] of Object.entries(calls)) {
        await this.#samples.time(`${name}, ${when}`, () => this.#api.call('GET', path));
      }
    }
  }

  async #readsDuringBulk(): Promise<void> {
    let ended = false;
    // At least two: one alone is no operation.
    const size = Math.min(LARGEST_BULK_BESIDE_READS, Math.ceil(this.#count / 10) + 1);
    const bulk = createMany(this.#api, this.#image, size).finally(() => {
      ended = true;
    });
    await Promise.all([bulk, this.#reads(`during a bulk of ${size}`, () => ended)]);
  }

  async #events(count: number): Promise<void> {
    const { url, token } = this.#daemon;
    const clients = await EventClients.connect(url, token, count, 'bench=lag');
    try {
      for (let index = 0; index < this.#singleSpawns; index++) {
        const { id } = await create(this.#api, { image: this.#image, labels: { bench: 'lag' } });
        await remove(this.#api, id);
      }
    } finally {
      clients.close();
    }
    if (clients.lags.length === 0) throw new Error('no client saw an event');
    this.#note(`event lag with ${count} WebSocket clients, p50 ms`, quantile(clients.lags, 0.5));
    this.#note(`event lag with ${count} WebSocket clients, p99 ms`, quantile(clients.lags, 0.99));
    this.#note('events received by them', clients.lags.length);
  }

  /** From the start of a new daemon, after the old one was killed, until it says that it is ready and shows all as running. */
  async #restart(): Promise<void> {
    this.#api.close();
    await this.#daemon.end('SIGKILL');
    const begun = performance.now();
    await this.#daemon.start();
    this.#api = new Api(this.#daemon.url, this.#daemon.token);
    this.#note('restart after kill -9, ready, s', rounded((performance.now() - begun) / 1000));
    const { body } = await this.#api.call<string>('GET', '/metrics');
    const running = /^unicore_instances\{[^}]*phase="running"[^}]*\} (\d+)/m.exec(body)?.[1];
    this.#note('of them running for the new daemon', Number(running ?? NaN));
  }

  #residentMebibytes(): number {
    const status = readFileSync(`/proc/${this.#daemon.pid}/status`, 'utf8');
    return rounded(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? NaN) / 1024, 0);
  }
}
