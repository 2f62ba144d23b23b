// SPDX-License-Identifier: BSD-3-Clause
import { collectDefaultMetrics, Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Builder } from '../../build/ports.js';
import type { EventLog, Instances } from '../../orchestrator/ports.js';

const REQUEST_BUCKETS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30,
];
/** What `/metrics` shows. Gauges are read when somebody asks; nothing here grows with the number of instances. */
export class Metrics {
  readonly #requests: Histogram<'method' | 'route' | 'status'>;
  readonly #eventLag: Histogram;
  readonly #slowClients: Counter<'path'>;
  readonly #webSockets: Gauge<'path'>;

  constructor(
    private readonly registry: Registry,
    private readonly instances: Instances,
    private readonly events: EventLog,
    private readonly builder: Builder,
    version: string,
  ) {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    new Gauge({ name: 'unicore_info', help: 'Always 1', labelNames: ['version'], registers }).set(
      { version },
      1,
    );
    this.#requests = new Histogram({
      name: 'unicore_http_request_duration_seconds',
      help: 'Time from the head of a request to the end of its answer',
      labelNames: ['method', 'route', 'status'],
      buckets: REQUEST_BUCKETS,
      registers,
    });
    this.#eventLag = new Histogram({
      name: 'unicore_event_lag_seconds',
      help: 'Time from an event to its frame being handed to a client',
      buckets: REQUEST_BUCKETS,
      registers,
    });
    this.#slowClients = new Counter({
      name: 'unicore_websocket_slow_clients_total',
      help: 'WebSockets closed with 1013 because the client read too slowly',
      labelNames: ['path'],
      registers,
    });
    this.#webSockets = new Gauge({
      name: 'unicore_websockets',
      help: 'Open WebSockets',
      labelNames: ['path'],
      registers,
    });
    this.#registerGauges(registers);
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  text(): Promise<string> {
    return this.registry.metrics();
  }

  observeRequest(method: string, route: string, status: number, seconds: number): void {
    this.#requests.observe({ method, route, status: String(status) }, seconds);
  }

  observeEventLag(seconds: number): void {
    this.#eventLag.observe(Math.max(0, seconds));
  }

  countSlowClient(path: string): void {
    this.#slowClients.inc({ path });
  }

  /** Notes an open WebSocket; the returned function notes that it was closed. */
  openWebSocket(path: string): () => void {
    this.#webSockets.inc({ path });
    return () => {
      this.#webSockets.dec({ path });
    };
  }

  close(): void {
    this.registry.clear();
  }

  #registerGauges(registers: Registry[]): void {
    const { instances, events, builder } = this;
    new Gauge({
      name: 'unicore_instances',
      help: 'Instances in each phase',
      labelNames: ['phase'],
      registers,
      collect() {
        for (const [phase, count] of Object.entries(instances.counts())) this.set({ phase }, count);
      },
    });
    new Gauge({
      name: 'unicore_events_last_seq',
      help: 'Number of the newest event',
      registers,
      collect() {
        this.set(events.lastSeq);
      },
    });
    new Gauge({
      name: 'unicore_builds',
      help: 'Builds that are remembered, in each phase',
      labelNames: ['phase'],
      registers,
      async collect() {
        this.reset();
        for (const { phase } of await builder.list()) this.inc({ phase });
      },
    });
  }
}
