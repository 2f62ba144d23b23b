// SPDX-License-Identifier: BSD-3-Clause

/** What makes one step of a driver's stand still, before it is done or after, so that a fault meets it there. */
export interface Gate<Place> {
  /** Lets the next step that is at this place wait. */
  close(place: Place): Promise<void>;
  /** Resolves when a step waits. */
  reached(): Promise<void>;
  /** Lets go on what waits, though whoever began it may be no more. */
  open(): Promise<void>;
}
