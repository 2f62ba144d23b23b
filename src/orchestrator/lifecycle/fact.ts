// SPDX-License-Identifier: BSD-3-Clause
import type { DomainExit, DomainObservation } from '../drivers/driver.js';

/** Something that happened to an instance or was found out about it. The only thing that changes its status. */
export type Fact =
  /** The reconciler has looked at this generation of the spec. */
  | { readonly type: 'seen' }
  | { readonly type: 'create-called' }
  /** `warm`: it was there already, and was claimed. */
  | { readonly type: 'created'; readonly paused: boolean; readonly warm?: boolean }
  /** A driver call failed and will be tried again. */
  | { readonly type: 'refused'; readonly reason: string; readonly message: string }
  | { readonly type: 'ready'; readonly bootNanoseconds: number | null }
  | { readonly type: 'paused' }
  | { readonly type: 'resumed' }
  | { readonly type: 'ended'; readonly exit: DomainExit }
  /** We gave it up: a deadline passed, or the driver refuses for good. */
  | { readonly type: 'failed'; readonly reason: string; readonly message: string }
  | { readonly type: 'destroy-called' }
  /** Our `destroy` returned. With `restart` the instance is to be started again. */
  | { readonly type: 'gone'; readonly restart: boolean }
  /** The host answered and shows no such domain. */
  | { readonly type: 'absent' }
  /** The host shows the domain, and it has not ended. */
  | {
      readonly type: 'alive';
      readonly paused: boolean;
      readonly ready: DomainObservation['ready'];
    }
  /** The host shows the guest that it was given out of a warm pool, which has not been told so. */
  | { readonly type: 'parked' }
  | { readonly type: 'host-down'; readonly reason: string }
  | { readonly type: 'host-up' }
  /** A new incarnation begins, by request or by policy; in a row with so many others by policy. */
  | { readonly type: 'restarted'; readonly streak?: number }
  /** It has run for long enough that restarts before this do not count any more. */
  | { readonly type: 'stable' };

export type FactType = Fact['type'];

/** What an entry of a host's list says about its instance. */
export function factOf(observation: DomainObservation): Fact {
  if (observation.parked) return { type: 'parked' };
  switch (observation.state) {
    case 'running':
    case 'paused':
      return {
        type: 'alive',
        paused: observation.state === 'paused',
        ready: observation.ready,
      };
    case 'stopped':
    case 'crashed':
      return {
        type: 'ended',
        exit: observation.exit ?? {
          reason: observation.state === 'crashed' ? 'crashed' : 'unknown',
          exitCode: null,
          message: 'It ended while nobody watched.',
        },
      };
  }
}
