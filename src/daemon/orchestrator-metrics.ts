// SPDX-License-Identifier: BSD-3-Clause
import { Histogram, type Registry } from 'prom-client';
import type { OrchestratorObserver } from '../orchestrator/index.js';

const BUCKETS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60];

/** Turns what the orchestrator measures into histograms. Labels are bounded by the configuration, not by instances. */
export function orchestratorMetrics(registry: Registry): OrchestratorObserver {
  const registers = [registry];
  const steps = new Histogram({
    name: 'unicore_instance_step_duration_seconds',
    help: 'Time that instances spend in each step of their life; spawn is the whole way to ready',
    labelNames: ['step', 'driver', 'provisioning'],
    buckets: BUCKETS,
    registers,
  });
  const calls = new Histogram({
    name: 'unicore_driver_call_duration_seconds',
    help: 'Time of calls to hypervisor drivers',
    labelNames: ['call', 'driver', 'outcome'],
    buckets: BUCKETS,
    registers,
  });
  const commits = new Histogram({
    name: 'unicore_state_commit_duration_seconds',
    help: 'Time from the first change of a group to its being on disk',
    labelNames: ['outcome'],
    buckets: BUCKETS,
    registers,
  });
  return {
    step: ({ step, driver, provisioning, seconds }) =>
      steps.observe({ step, driver, provisioning }, seconds),
    driverCall: ({ call, driver, outcome, seconds }) =>
      calls.observe({ call, driver, outcome }, seconds),
    commit: ({ outcome, seconds }) => commits.observe({ outcome }, seconds),
  };
}
