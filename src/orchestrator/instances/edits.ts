// SPDX-License-Identifier: BSD-3-Clause
import { isDeepStrictEqual } from 'node:util';
import { UnicoreError } from '../../errors/index.js';
import type { ManagedHost } from '../hosts/managed-host.js';
import { ENDED_PHASES, type InstanceSpec } from '../instance.js';
import type { InstanceChange, InstanceUpdate } from '../ports.js';
import type { Edit } from './spec-editor.js';
import { validateLabels } from './validation.js';

/** The edit that deletes. */
export const markDeleted: Edit = ({ spec }) =>
  spec.desired === 'deleted' ? null : { spec: { ...spec, desired: 'deleted' } };

/** The edit that deletes after the guest was given time to end by itself, if any. */
export function markDeletedAfter(graceSeconds: number): Edit {
  if (graceSeconds === 0) return markDeleted;
  return ({ spec }) =>
    spec.desired === 'deleted' ? null : { spec: { ...spec, desired: 'deleted', graceSeconds } };
}

/** The edit that changes what may be changed. @throws (by the edit) INVALID_PHASE, INVALID_REQUEST */
export function updateOf({ labels, ...others }: InstanceUpdate): Edit {
  return ({ spec }) => {
    requireNotDeleted(spec.desired);
    const next = { ...spec, ...others, labels: merged(spec.labels, labels ?? {}) };
    validateLabels(next.labels);
    return isDeepStrictEqual(next, spec) ? null : { spec: next };
  };
}

/** As in a JSON merge patch (RFC 7396): null takes a label away. */
function merged(
  labels: InstanceSpec['labels'],
  changes: NonNullable<InstanceUpdate['labels']>,
): InstanceSpec['labels'] {
  const result = new Map(Object.entries(labels));
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) result.delete(key);
    else result.set(key, value);
  }
  return Object.fromEntries(result);
}

/**
 * What each change of an instance does to its spec.
 * @throws (by the edits) HOST_UNAVAILABLE, DRIVER_UNSUPPORTED, INVALID_PHASE, NO_CAPACITY
 */
export function instanceEdits(
  hosts: ReadonlyMap<string, ManagedHost>,
): Readonly<Record<InstanceChange, Edit>> {
  return {
    delete: markDeleted,
    pause: setDesired(hosts, 'paused'),
    resume: setDesired(hosts, 'running'),
    restart: ({ spec }, { instance }) => {
      requireNotDeleted(spec.desired);
      const { capacity } = hostOf(hosts, spec.host);
      const shortage = capacity.holds(instance.id) ? null : capacity.shortage(spec);
      if (shortage !== null) {
        throw new UnicoreError('NO_CAPACITY', `Its host has no room now: ${shortage}`);
      }
      return { restartGeneration: instance.generation + 1 };
    },
  };
}

function setDesired(hosts: ReadonlyMap<string, ManagedHost>, desired: 'running' | 'paused'): Edit {
  return ({ spec }, { instance }) => {
    const host = hostOf(hosts, spec.host);
    if (!host.driver.capabilities.pause) {
      const text = `Host ${host.id} (${host.driver.kind}) cannot pause instances.`;
      throw new UnicoreError('DRIVER_UNSUPPORTED', text);
    }
    requireNotDeleted(spec.desired);
    const { phase } = instance.status;
    if (ENDED_PHASES.has(phase) && spec.restartPolicy === 'never') {
      const text = `The instance is ${phase}. Restart it instead.`;
      throw new UnicoreError('INVALID_PHASE', text);
    }
    return spec.desired === desired ? null : { spec: { ...spec, desired } };
  };
}

/** The host that an instance is on. @throws HOST_UNAVAILABLE if it was taken out of the configuration */
export function hostOf(hosts: ReadonlyMap<string, ManagedHost>, host: string): ManagedHost {
  const managed = hosts.get(host);
  if (managed !== undefined) return managed;
  const text = `The instance is on host ${host}, which this daemon no longer has. Put it back into the configuration.`;
  throw new UnicoreError('HOST_UNAVAILABLE', text);
}

function requireNotDeleted(desired: InstanceSpec['desired']): void {
  if (desired !== 'deleted') return;
  throw new UnicoreError('INVALID_PHASE', 'The instance is being deleted.');
}
