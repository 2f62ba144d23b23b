// SPDX-License-Identifier: BSD-3-Clause
import type { DriverKind } from './drivers/driver.js';

/** A part of an instance's life that is measured. `spawn` is the whole way from acceptance to ready. */
export type LifeStep = 'queue' | 'create' | 'boot' | 'spawn' | 'stop';

export interface StepSample {
  readonly step: LifeStep;
  readonly driver: DriverKind;
  readonly host: string;
  readonly provisioning: 'warm' | 'cold';
  readonly seconds: number;
}

export interface DriverCallSample {
  readonly call:
    | 'open'
    | 'facts'
    | 'list'
    | 'stats'
    | 'create'
    | 'destroy'
    | 'shutdown'
    | 'pause'
    | 'resume'
    | 'claim';
  readonly driver: DriverKind;
  readonly host: string;
  readonly seconds: number;
  /** `ok`, or the error's code. */
  readonly outcome: string;
}

export interface CommitSample {
  readonly changes: number;
  readonly seconds: number;
  readonly outcome: string;
}

/** Is told what metrics are made of. Called on hot paths: it must be quick, and must not throw. */
export interface OrchestratorObserver {
  step(sample: StepSample): void;
  driverCall(sample: DriverCallSample): void;
  commit(sample: CommitSample): void;
}

export const silentObserver: OrchestratorObserver = {
  step: () => undefined,
  driverCall: () => undefined,
  commit: () => undefined,
};
