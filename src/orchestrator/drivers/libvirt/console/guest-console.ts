// SPDX-License-Identifier: BSD-3-Clause
import type { ConsoleChunk, ConsoleReading } from '../../driver.js';

/** One domain's output, and what its guest reports of itself, wherever the host keeps them. */
export interface GuestConsole {
  /** Takes in what was reported so far. */
  scan(): Promise<void>;
  /** To be called once, when the domain has ended: takes in the last report. False if that could not be had before `close`. */
  finish(): Promise<boolean>;
  /** See `HypervisorDriver.readConsole`. */
  read(fromOffset: number, reading?: ConsoleReading): AsyncIterable<ConsoleChunk>;
  /** Ends all readers and removes the output. */
  remove(): Promise<void>;
  /** Ends all readers. */
  close(): Promise<void>;
}
