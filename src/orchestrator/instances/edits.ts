// SPDX-License-Identifier: BSD-3-Clause
import { UnicoreError } from '../../errors/index.js';
import type { ManagedHost } from '../hosts/managed-host.js';
import { ENDED_PHASES, type InstanceSpec } from '../instance.js';
import type { InstanceChange } from '../ports.js';
import type { Edit } from './spec-editor.js';

/** The edit that deletes. */
export const markDeleted: Edit = ({ spec }) =>
  spec.desired === 'deleted' ? null : { spec: { ...spec, desired: 'deleted' } };

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
      if (!capacity.holds(instance.id) && !capacity.fits(spec.memoryBytes)) {
        const text = `Its host has no room for ${spec.memoryBytes} bytes now.`;
        throw new UnicoreError('NO_CAPACITY', text);
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
