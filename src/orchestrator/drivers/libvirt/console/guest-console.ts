// SPDX-License-Identifier: BSD-3-Clause
import type { ConsoleChunk } from '../../driver.js';

/** One domain's output, and what its guest reports of itself, wherever the host keeps them. */
export interface GuestConsole {
  /** Takes in what was reported so far. */
  scan(): Promise<void>;
  /** To be called once, when the domain has ended: takes in the last report. False if that could not be had before `close`. */
  finish(): Promise<boolean>;
  /** Output from `fromOffset` on, until the domain has ended and all was read. */
  read(fromOffset: number, signal?: AbortSignal): AsyncIterable<ConsoleChunk>;
  /** Ends all readers and removes the output. */
  remove(): Promise<void>;
  /** Ends all readers. */
  close(): Promise<void>;
}
