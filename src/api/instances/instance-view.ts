// SPDX-License-Identifier: BSD-3-Clause
import type { Instance } from '../../orchestrator/instance.js';
import type { InstanceDocument } from '../../wire/index.js';

/** An instance in the shape that clients rely on. */
export function instanceView(instance: Instance): InstanceDocument {
  const { spec, status } = instance;
  return {
    id: instance.id,
    name: instance.name,
    owner: instance.owner,
    phase: status.phase,
    app: spec.app,
    target: spec.target,
    image: spec.image,
    host: spec.host,
    provisioning: status.provisioning,
    generation: instance.generation,
    observedGeneration: status.observedGeneration,
    conditions: [...status.conditions],
    labels: spec.labels,
    exitCode: status.exitCode,
    memory: spec.memoryBytes,
    vcpus: spec.vcpus,
    args: [...spec.args],
    restartPolicy: spec.restartPolicy,
    restarts: status.restarts,
    restartLimit: spec.restartLimit ?? null,
    ttlSeconds: spec.ttlSeconds ?? null,
    ttlAfterFinishedSeconds: spec.ttlAfterFinishedSeconds ?? null,
    deadlines: spec.deadlines ?? {},
    desired: spec.desired,
    readiness: status.readiness,
    bootNanoseconds: status.bootNanoseconds,
    timings: status.timings,
    createdAt: instance.createdAt,
  };
}

/** Generation as an entity tag. */
export function generationTag(instance: Instance): string {
  return `"${instance.generation}"`;
}
