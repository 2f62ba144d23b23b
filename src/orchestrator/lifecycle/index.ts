// SPDX-License-Identifier: BSD-3-Clause
export { conditionOf, withCondition } from './conditions.js';
export { bootMillisecondsOf, decide, type Decision, type Situation } from './decide.js';
export { factOf, type Fact, type FactType } from './fact.js';
export { backoffDelay, DEFAULT_LIFE_LIMITS, type Backoff, type LifeLimits } from './limits.js';
export {
  holdsCapacity,
  restartsByPolicy,
  wantsRestart,
  withLifecycle,
  type InstanceOrigin,
  type InstanceRecord,
  type Lifecycle,
  type Progress,
} from './record.js';
export { transition, type TransitionContext } from './transition.js';
