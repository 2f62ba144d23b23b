// SPDX-License-Identifier: BSD-3-Clause
import { conditionOf, wantsRestart, type InstanceRecord } from '../lifecycle/index.js';
import type { ItemError } from '../operations/operation-registry.js';
import type { InstanceChange } from '../ports.js';

/** What became of an item: null if it is done, an error, or `open` while it is under way. */
export type ItemOutcome = ItemError | null | 'open';

/** What became of the start of an instance, the first or another. */
export function startOutcome({ instance }: InstanceRecord): ItemOutcome {
  const { phase, conditions } = instance.status;
  if (phase === 'running' || phase === 'stopped') return null;
  if (phase === 'paused' && instance.spec.desired === 'paused') return null;
  if (phase !== 'failed') return 'open';
  const ready = conditionOf(conditions, 'Ready');
  const code = ready?.reason === 'BootDeadline' ? 'DEADLINE_EXCEEDED' : 'DRIVER_FAILED';
  return { code, message: ready?.message ?? 'The instance failed.' };
}

/** What became of a change that was written into the spec. A deletion is done when the record is gone. */
export function changeOutcome(change: InstanceChange, record: InstanceRecord): ItemOutcome {
  const { spec, status } = record.instance;
  if (change === 'delete') return 'open';
  if (spec.desired === 'deleted') return OVERTAKEN;
  switch (change) {
    case 'pause':
      if (spec.desired !== 'paused') return OVERTAKEN;
      if (status.phase === 'stopped') return { code: 'INVALID_PHASE', message: 'It has ended.' };
      if (status.phase === 'running') return 'open';
      break;
    case 'resume':
      if (spec.desired !== 'running') return OVERTAKEN;
      break;
    case 'restart':
      if (wantsRestart(record)) return 'open';
  }
  return startOutcome(record);
}

const OVERTAKEN: ItemError = {
  code: 'OPERATION_CANCELLED',
  message: 'Another request wanted something else of the instance.',
};
