// SPDX-License-Identifier: BSD-3-Clause
import { Gauge, Registry } from 'prom-client';
import type { Instances } from '../../orchestrator/ports.js';

const PAGE = 500;

/** Prometheus text with series of their own for at most `limit` instances that a selector names. */
export async function instanceMetrics(
  instances: Instances,
  selector: string | undefined,
  limit: number,
): Promise<string> {
  const registers = [new Registry()];
  const labelNames = ['id', 'name', 'host'] as const;
  const cpu = new Gauge({
    name: 'unicore_instance_cpu_seconds',
    help: 'Processor time that the instance has used',
    labelNames,
    registers,
  });
  const memory = new Gauge({
    name: 'unicore_instance_memory_bytes',
    help: 'Memory of the host that the instance occupies',
    labelNames,
    registers,
  });
  let cursor: string | null = null;
  let left = limit;
  do {
    const page: ReturnType<Instances['list']> = instances.list({
      limit: Math.min(PAGE, left),
      ...(selector === undefined ? {} : { selector }),
      ...(cursor === null ? {} : { cursor }),
    });
    for (const { id, name, spec } of page.items) {
      const stats = await instances.stats(id).catch(() => null);
      if (stats === null) continue;
      const labels = { id, name, host: spec.host };
      cpu.set(labels, stats.cpuNanoseconds / 1e9);
      memory.set(labels, stats.memoryBytes);
    }
    left -= page.items.length;
    cursor = page.next;
  } while (cursor !== null && left > 0);
  return registers[0]?.metrics() ?? '';
}
