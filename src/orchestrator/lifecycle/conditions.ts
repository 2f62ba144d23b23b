// SPDX-License-Identifier: BSD-3-Clause
import type { Condition, ConditionType } from '../instance.js';

/** The conditions with one set. `since` moves only when the status does; if nothing changes, the same array comes back. */
export function withCondition(
  conditions: readonly Condition[],
  type: ConditionType,
  status: boolean,
  reason: string,
  message: string,
  now: string,
): readonly Condition[] {
  const index = conditions.findIndex((each) => each.type === type);
  const old = conditions[index];
  if (old === undefined) return [...conditions, { type, status, reason, message, since: now }];
  if (old.status === status && old.reason === reason && old.message === message) return conditions;
  const since = old.status === status ? old.since : now;
  return conditions.with(index, { type, status, reason, message, since });
}

export function conditionOf(
  conditions: readonly Condition[],
  type: ConditionType,
): Condition | undefined {
  return conditions.find((each) => each.type === type);
}
