// SPDX-License-Identifier: BSD-3-Clause
import type { ImageDigest } from '../../build/image.js';
import type { SourceDigest } from '../../build/ports.js';
import type { Target } from '../../build/target.js';
import { UnicoreError } from '../../errors/index.js';
import { ENDED_PHASES, type Instance } from '../../orchestrator/instance.js';
import type { Client, CreateInstance, InstanceUpdate } from '../../orchestrator/ports.js';
import type { CreateInstanceBody, UpdateInstanceBody } from '../../wire/index.js';
import type { Principal } from '../auth/token-registry.js';

/** The orchestrator's request for a validated body. */
export function createRequestOf(body: CreateInstanceBody, principal: Principal): CreateInstance {
  const { name, host, memory: memoryBytes, vcpus, args, labels, paused, deadlines } = body;
  return {
    client: clientOf(principal),
    source: sourceOf(body),
    ...withoutUndefined({
      name,
      host,
      memoryBytes,
      vcpus,
      args,
      labels,
      paused,
      provisioning: body.provisioning,
      ...lifeOf(body),
      deadlines: deadlines === undefined ? undefined : withoutUndefined(deadlines),
    }),
  };
}

function lifeOf(body: UpdateInstanceBody) {
  const { restartPolicy, restartLimit, ttlSeconds, ttlAfterFinishedSeconds } = body;
  return { restartPolicy, restartLimit, ttlSeconds, ttlAfterFinishedSeconds };
}

/** The orchestrator's change for a validated body. */
export function updateOf(body: UpdateInstanceBody): InstanceUpdate {
  return withoutUndefined({ labels: body.labels, ...lifeOf(body) });
}

/** On whose behalf the orchestrator acts. */
export function clientOf({ name, quota }: Principal): Client {
  const { instances, memory: memoryBytes, vcpus } = quota;
  return { name, quota: withoutUndefined({ instances, memoryBytes, vcpus }) };
}

/** Whether a body asks for many instances: by its count, or by a name with {n}. */
export function isMany(body: CreateInstanceBody): body is CreateInstanceBody & { count: number } {
  const { count, name } = body;
  return count !== undefined && (count > 1 || name?.includes('{') === true);
}

/** What is to be run: an image, or an application to build. */
export function sourceOf(
  body: Pick<CreateInstanceBody, 'image' | 'app' | 'target' | 'symbols' | 'source'>,
): CreateInstance['source'] {
  if (body.image !== undefined) return { image: body.image as ImageDigest };
  const { app, source, target, symbols = {} } = body;
  if ((app === undefined && source === undefined) || target === undefined) {
    throw new UnicoreError(
      'INVALID_REQUEST',
      'Give an image, or an app or a source, and its target.',
    );
  }
  return {
    ...{ app: app ?? '', source: source as SourceDigest | undefined },
    ...{ target: target as Target, symbols },
  };
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Leaves out what is not given. */
export function withoutUndefined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(
    Object.entries(value).filter(([, each]) => each !== undefined),
  ) as Defined<T>;
}

/** Whether an instance has become what was asked for, or cannot any more. */
export function hasSettled(instance: Instance): boolean {
  const { phase, observedGeneration } = instance.status;
  if (ENDED_PHASES.has(phase) || phase === 'lost') return true;
  if (observedGeneration < instance.generation) return false;
  return phase === (instance.spec.desired === 'paused' ? 'paused' : 'running');
}
