// SPDX-License-Identifier: BSD-3-Clause
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import request from 'supertest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MetricsHistory } from '../../../src/api/metrics/history.js';
import { startFixture, TOKENS, type Fixture } from './fixture.js';

const START = Date.parse('2030-01-01T00:00:00Z');

test('keeps what was, thins it out, and forgets the oldest', async () => {
  const registers = [new Registry()];
  const gauge = new Gauge({ name: 'depth', help: '.', labelNames: ['host'], registers });
  const counter = new Counter({ name: 'spawns', help: '.', registers });
  const history = new MetricsHistory(registers[0]!);
  for (let i = 0; i < 2_000; i++) {
    counter.inc();
    gauge.set({ host: 'a' }, i);
    await history.sample(START + i * 1_000);
  }
  expect(history.names()).toEqual(['depth', 'spawns']);
  const [all] = history.query({ metric: 'spawns', from: 0, step: 1 });
  expect(all?.points).toHaveLength(1_440);
  expect(all?.points.at(-1)).toEqual([START + 1_999_000, 2_000]);
  expect(all?.points[0]).toEqual([START + 560_000, 561]);
  const from = START + 1_980_000;
  const [thin] = history.query({ metric: 'depth', from, step: 10_000 });
  expect(thin).toEqual({
    labels: { host: 'a' },
    points: [
      [START + 1_989_000, 1_989],
      [START + 1_999_000, 1_999],
    ],
  });
  expect(history.query({ metric: 'nothing', from: 0, step: 1 })).toEqual([]);
});

test('keeps histograms by sum and count, and no more series than it may', async () => {
  const registers = [new Registry()];
  const histogram = new Histogram({ name: 'time', help: '.', registers });
  const many = new Gauge({ name: 'many', help: '.', labelNames: ['n'], registers });
  const history = new MetricsHistory(registers[0]!);
  histogram.observe(2);
  for (let n = 0; n < 5_000; n++) many.set({ n: String(n) }, n);
  await history.sample(START);
  expect(history.names()).toEqual(['many', 'time_count', 'time_sum']);
  expect(history.query({ metric: 'time_sum', from: 0, step: 1 })[0]?.points).toEqual([[START, 2]]);
  expect(history.query({ metric: 'many', from: 0, step: 1 })).toHaveLength(498);
});

test('a series that goes away has no points while it is away', async () => {
  const registers = [new Registry()];
  const gauge = new Gauge({ name: 'depth', help: '.', labelNames: ['host'], registers });
  const history = new MetricsHistory(registers[0]!);
  for (const [time, present] of [true, false, true].entries()) {
    gauge.reset();
    if (present) gauge.set({ host: 'a' }, time);
    await history.sample(START + time);
  }
  const [series] = history.query({ metric: 'depth', from: 0, step: 1 });
  expect(series?.points).toEqual([
    [START, 0],
    [START + 2, 2],
  ]);
});

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(() => fixture.server.close(1000));

test('is answered by the API', async () => {
  const get = (path: string) =>
    request(fixture.url).get(path).auth(TOKENS.viewer, { type: 'bearer' });
  const names = await get('/v1/metrics/history');
  expect(names.body).toMatchObject({ metric: null, step: 15 });
  expect((names.body as { names: string[] }).names).toContain('unicore_instances');
  const running = await get('/v1/metrics/history?metric=unicore_instances&step=60');
  expect(running.body).toMatchObject({ metric: 'unicore_instances', step: 60 });
  const { series } = running.body as { series: { labels: object; points: object[] }[] };
  expect(series.find(({ labels }) => 'phase' in labels)?.points.length).toBeGreaterThan(0);
  const future = await get(
    '/v1/metrics/history?metric=unicore_instances&from=2999-01-01T00:00:00Z',
  );
  expect((future.body as { series: { points: object[] }[] }).series[0]?.points).toEqual([]);
  expect((await get('/v1/metrics/history?metric=a-b')).status).toBe(422);
});
