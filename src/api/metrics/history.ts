// SPDX-License-Identifier: BSD-3-Clause
import type { MetricValue, Registry } from 'prom-client';

/** One time series of a metric, oldest point first. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch, and the value then. */
  readonly points: readonly (readonly [time: number, value: number])[];
}

export interface HistoryQuery {
  readonly metric: string;
  /** Milliseconds since the epoch. */
  readonly from: number;
  /** The least distance of two points, in milliseconds; of those closer together the last stays. */
  readonly step: number;
}

interface Ring {
  readonly labels: Readonly<Record<string, string>>;
  /** NaN where there was no value. */
  readonly values: Float64Array;
}

const SAMPLE_MILLISECONDS = 15_000;
/** Six hours. */
const SAMPLES = 1_440;
/** With the above, at most 5.8 MB. */
const MOST_SERIES = 500;

/**
 * The last hours of the daemon's own metrics, for charts where no Prometheus runs: in memory, bounded in time and in the number
 * of series. Histograms are kept by their sums and counts.
 */
export class MetricsHistory {
  readonly #registry: Pick<Registry, 'getMetricsAsJSON'>;
  readonly #rings = new Map<string, Map<string, Ring>>();
  readonly #times = new Float64Array(SAMPLES);
  #series = 0;
  /** How many samples were taken; the newest is at this less one, modulo the ring's length. */
  #taken = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(registry: Pick<Registry, 'getMetricsAsJSON'>) {
    this.#registry = registry;
  }

  /** Takes samples until `close`. A sample that fails is left out. */
  start(): void {
    this.#timer = setInterval(() => {
      this.sample(Date.now()).catch(() => undefined);
    }, SAMPLE_MILLISECONDS).unref();
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  /** Takes a sample of all metrics now. */
  async sample(now: number): Promise<void> {
    const metrics = await this.#registry.getMetricsAsJSON();
    const slot = this.#taken % SAMPLES;
    for (const rings of this.#rings.values()) {
      for (const { values } of rings.values()) values[slot] = NaN;
    }
    for (const metric of metrics) {
      for (const each of metric.values) this.#note(metric.name, each, slot);
    }
    this.#times[slot] = now;
    this.#taken++;
  }

  /** The names of the metrics that are kept. */
  names(): readonly string[] {
    return [...this.#rings.keys()].sort();
  }

  query({ metric, from, step }: HistoryQuery): readonly Series[] {
    const rings = this.#rings.get(metric);
    return rings === undefined
      ? []
      : [...rings.values()].map(({ labels, values }) => ({
          labels,
          points: this.#points(values, from, step),
        }));
  }

  #points(values: Float64Array, from: number, step: number): [number, number][] {
    const points: [number, number][] = [];
    for (let n = Math.max(0, this.#taken - SAMPLES); n < this.#taken; n++) {
      const time = this.#times[n % SAMPLES] ?? NaN;
      const value = values[n % SAMPLES] ?? NaN;
      if (time < from || Number.isNaN(value)) continue;
      const last = points.at(-1);
      const same = last !== undefined && Math.floor(last[0] / step) === Math.floor(time / step);
      if (same) points.pop();
      points.push([time, value]);
    }
    return points;
  }

  #note(metric: string, value: MetricValue<string>, slot: number): void {
    const name = (value as { readonly metricName?: string }).metricName ?? metric;
    if (name.endsWith('_bucket') || typeof value.value !== 'number') return;
    const labels = Object.fromEntries(
      Object.entries(value.labels).map(([key, text]) => [key, String(text)]),
    );
    const key = JSON.stringify(labels);
    let rings = this.#rings.get(name);
    let ring = rings?.get(key);
    if (ring === undefined) {
      if (this.#series >= MOST_SERIES) return;
      this.#series++;
      ring = { labels, values: new Float64Array(SAMPLES).fill(NaN) };
      if (rings === undefined) this.#rings.set(name, (rings = new Map<string, Ring>()));
      rings.set(key, ring);
    }
    ring.values[slot] = value.value;
  }
}
