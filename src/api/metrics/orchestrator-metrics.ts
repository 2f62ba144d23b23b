// SPDX-License-Identifier: BSD-3-Clause
import { Counter, Histogram, type Registry } from 'prom-client';

const STEP_BUCKETS = [
  0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30,
];

/** What the orchestrator tells of an instance's step from one phase to a later one. */
export interface StepObservation {
  readonly step: string;
  readonly driver: string;
  readonly provisioning: string;
  readonly seconds: number;
}

export interface DriverCallObservation {
  readonly call: string;
  readonly driver: string;
  readonly seconds: number;
  /** `ok`, or the error's code. */
  readonly outcome: string;
}

export interface CommitObservation {
  readonly changes: number;
  readonly seconds: number;
  readonly outcome: string;
}

/** Turns what the orchestrator observes of itself into Prometheus metrics. Labels are few: no host, no instance. */
export class OrchestratorMetrics {
  readonly #steps: Histogram<'step' | 'driver' | 'provisioning'>;
  readonly #calls: Histogram<'call' | 'driver' | 'outcome'>;
  readonly #commits: Histogram<'outcome'>;
  readonly #changes: Counter;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#steps = new Histogram({
      name: 'unicore_instance_step_seconds',
      help: "Time of each part of an instance's life",
      labelNames: ['step', 'driver', 'provisioning'],
      buckets: STEP_BUCKETS,
      registers,
    });
    this.#calls = new Histogram({
      name: 'unicore_driver_call_seconds',
      help: 'Time of calls of hypervisor drivers',
      labelNames: ['call', 'driver', 'outcome'],
      buckets: STEP_BUCKETS,
      registers,
    });
    this.#commits = new Histogram({
      name: 'unicore_store_commit_seconds',
      help: 'Time of a group commit of the state store',
      labelNames: ['outcome'],
      buckets: STEP_BUCKETS,
      registers,
    });
    this.#changes = new Counter({
      name: 'unicore_store_changes_total',
      help: 'Changes that were committed to the state store',
      registers,
    });
  }

  step({ step, driver, provisioning, seconds }: StepObservation): void {
    this.#steps.observe({ step, driver, provisioning }, seconds);
  }

  driverCall({ call, driver, outcome, seconds }: DriverCallObservation): void {
    this.#calls.observe({ call, driver, outcome }, seconds);
  }

  commit({ changes, seconds, outcome }: CommitObservation): void {
    this.#commits.observe({ outcome }, seconds);
    if (outcome === 'ok') this.#changes.inc(changes);
  }
}
