// SPDX-License-Identifier: BSD-3-Clause
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Orchestrator } from '../orchestrator/index.js';

/** Images with series of their own; those with fewer instances are not shown. */
const MOST_IMAGES = 50;

/** What there is and what waits, by host and by image, read when somebody asks. Labels do not grow with the instances. */
export function orchestratorGauges(registry: Registry, orchestrator: Orchestrator): void {
  const registers = [registry];
  new Gauge({
    name: 'unicore_queue_depth',
    help: 'Instances that wait for a step, that have one under way, and whose next step is put off',
    labelNames: ['host', 'state'],
    registers,
    collect() {
      for (const [host, depth] of orchestrator.depths().hosts) {
        this.set({ host, state: 'waiting' }, depth.waiting);
        this.set({ host, state: 'running' }, depth.running);
        this.set({ host, state: 'delayed' }, depth.delayed);
      }
    },
  });
  new Gauge({
    name: 'unicore_state_writes_waiting',
    help: 'Changes that wait to be written to the state',
    registers,
    collect() {
      this.set(orchestrator.depths().journal);
    },
  });
  new Gauge({
    name: 'unicore_image_instances',
    help: `Instances of each image, of the ${MOST_IMAGES} with most of them`,
    labelNames: ['image'],
    registers,
    collect() {
      this.reset();
      for (const [image, count] of orchestrator.mostUsedImages(MOST_IMAGES)) {
        this.set({ image: image.slice(0, 'sha256:'.length + 12) }, count);
      }
    },
  });
  hostGauges(registers, orchestrator);
  warmPoolGauges(registers, orchestrator);
}

function warmPoolGauges(registers: Registry[], { warmPools }: Orchestrator): void {
  new Gauge({
    name: 'unicore_warm_pool_guests',
    help: 'Guests of each warm pool that are ready and that are warming up, and how many it wants',
    labelNames: ['pool', 'state'],
    registers,
    collect() {
      this.reset();
      for (const { name: pool, ready, warming, target } of warmPools.list()) {
        this.set({ pool, state: 'ready' }, ready);
        this.set({ pool, state: 'warming' }, warming);
        this.set({ pool, state: 'wanted' }, target);
      }
    },
  });
  new Counter({
    name: 'unicore_warm_pool_requests_total',
    help: 'Requests that a warm pool fits, by whether it had a guest for them, since the daemon started',
    labelNames: ['pool', 'result'],
    registers,
    collect() {
      this.reset();
      for (const { name: pool, hits, misses } of warmPools.list()) {
        this.inc({ pool, result: 'hit' }, hits);
        this.inc({ pool, result: 'miss' }, misses);
      }
    },
  });
}

function hostGauges(registers: Registry[], { hosts }: Orchestrator): void {
  const gauge = (
    name: string,
    help: string,
    value: (host: Awaited<ReturnType<typeof hosts.list>>[number]) => number | null,
  ): void => {
    new Gauge({
      name: `unicore_host_${name}`,
      help,
      labelNames: ['host', 'driver'],
      registers,
      async collect() {
        for (const host of await hosts.list()) {
          const number = value(host);
          if (number !== null) this.set({ host: host.id, driver: host.driver }, number);
        }
      },
    });
  };
  gauge('up', 'Whether the host answers', ({ state }) => (state === 'up' ? 1 : 0));
  gauge('instances', 'Our instances on the host', ({ instances }) => instances);
  gauge('strangers', 'Domains on the host that are not ours', ({ strangers }) => strangers);
  gauge('memory_bytes', 'Memory of the host', ({ facts }) => facts?.memoryBytes ?? null);
  gauge(
    'memory_reserved_bytes',
    'Memory that our instances on the host have reserved',
    ({ reservedBytes }) => reservedBytes,
  );
  gauge(
    'create_concurrency',
    'Domains that the host is given to create at the same time',
    ({ concurrency }) => concurrency,
  );
}
