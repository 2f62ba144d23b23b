// SPDX-License-Identifier: BSD-3-Clause
import type { StoredImage } from '../../../src/build/image.js';
import type {
  DriverCapabilities,
  HypervisorDriver,
} from '../../../src/orchestrator/drivers/driver.js';

/** An image with arguments, whose behaviour the suite knows. */
export interface Guest {
  readonly image: StoredImage;
  readonly args: readonly string[];
}

/** The guests that the suite runs. All but `silent` report that they reached `main`. */
export interface ContractGuests {
  /** Prints `output` and ends with exit code 0. */
  readonly hello: Guest & { readonly output: string };
  /** Prints `output`, then lives until it is destroyed (and, with `gracefulShutdown`, until it is asked to end). */
  readonly daemon: Guest & { readonly output: string };
  /** Ends with `code`, which is not 0. */
  readonly exit: Guest & { readonly code: number };
  /** Ends by a fault of its own. */
  readonly crash: Guest;
  /** An image that prints its arguments; `render` is what it prints for them (`\n` for an end of line). */
  readonly echoArguments: {
    readonly image: StoredImage;
    readonly render: (args: readonly string[]) => string;
  };
  /** Parks when it is told to; claimed, prints `render` of what it was claimed with, and ends. Null where guests cannot park. */
  readonly parking: {
    readonly image: StoredImage;
    readonly render: (name: string, args: readonly string[]) => string;
  } | null;
  /** Repeats each line of console input on the console. Null where the driver's console takes no input. */
  readonly echoInput: Guest | null;
  /** Lives, and never tells that it reached `main`: an import. Null if there is none for this host. */
  readonly silent: Guest | null;
}

/** A domain that Unicore did not make, or that belongs to another owner. */
export interface Stranger {
  readonly id: string;
  /** Whether it still runs, asked without the driver. */
  alive(): Promise<boolean>;
  remove(): Promise<void>;
}

/** What the suite needs to know about one driver and its host. */
export interface DriverHarness {
  /** A new, unopened driver object for the same host and the same owner, as a restarted daemon makes it. */
  connect(): HypervisorDriver;
  readonly capabilities: DriverCapabilities;
  readonly guests: ContractGuests;
  /** Guest memory that all guests above can run in, in bytes. */
  readonly memoryBytes: number;
  /** Whether an argument may hold an end of line, or `create` refuses it with DRIVER_UNSUPPORTED. */
  readonly endOfLineInArguments: 'kept' | 'refused';
  /** How a domain that was killed behind the driver's back is seen; null where the suite cannot kill one. */
  killBehindBack: ((id: string) => Promise<void>) | null;
  /** Makes a domain that is not ours; null where the host cannot hold one. */
  createStranger: (() => Promise<Stranger>) | null;
  /** How many domains the suite may create at once. */
  readonly concurrentCreates: number;
  /** How long the slowest single step may take on a busy machine, in milliseconds. */
  readonly patienceMilliseconds: number;
  /** Ends what the harness itself started. */
  close(): Promise<void>;
}
