// SPDX-License-Identifier: BSD-3-Clause
export { systemClock, type Clock } from './clock.js';
export type { CapacityLimits } from './hosts/capacity.js';
export type {
  Condition,
  ConditionType,
  Deadlines,
  Instance,
  InstancePhase,
  InstanceSpec,
  InstanceStatus,
  InstanceTimings,
  RestartPolicy,
} from './instance.js';
export { ENDED_PHASES } from './instance.js';
export { parseSelector } from './instances/selector.js';
export { DEFAULT_LIFE_LIMITS, type Backoff, type LifeLimits } from './lifecycle/index.js';
export type { Logger } from './logger.js';
export type {
  CommitSample,
  DriverCallSample,
  LifeStep,
  OrchestratorObserver,
  StepSample,
} from './observer.js';
export type { Answer, AnswerRecords } from './operations/answer-records.js';
export {
  createOrchestrator,
  type HostConfiguration,
  type Orchestrator,
  type OrchestratorOptions,
} from './orchestrator.js';
export type * from './ports.js';
export {
  MemoryStateStore,
  openSqliteStateStore,
  type SqliteStateStoreOptions,
  type StateStore,
} from './state/index.js';
