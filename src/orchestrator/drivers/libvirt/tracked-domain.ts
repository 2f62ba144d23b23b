// SPDX-License-Identifier: BSD-3-Clause
import type { DomainExit, DriverEvent } from '../driver.js';
import type { GuestConsole } from './console/guest-console.js';
import type { EndReport, GuestReport } from './console/lines.js';
import { exitOf } from './exit.js';

type Phase = 'creating' | 'running' | 'paused' | 'ended';

export interface TrackedDomainOptions {
  readonly id: string;
  readonly name: string;
  /** Whether its image reports its end on the console. */
  readonly reportsExit: boolean;
  readonly phase: Phase;
  /** Whether it was found: then what it reported until `settle` is called is old, and not told again. */
  readonly found: boolean;
  readonly ready: { readonly bootNanoseconds: number | null } | null;
  readonly emit: (event: DriverEvent) => void;
}

/**
 * One of our domains, as its events have shown it. Events come from two sources that know nothing of each other, libvirt
 * and the console; this brings them into the order that they must have had, and tells each once.
 */
export class TrackedDomain {
  readonly id: string;
  readonly name: string;
  readonly reportsExit: boolean;
  /** Null where the host gives no console. */
  console: GuestConsole | null = null;
  /** Set while we destroy it. */
  destroying = false;
  readonly #emit: (event: DriverEvent) => void;
  readonly #end = Promise.withResolvers<undefined>();
  #phase: Phase;
  #ready: { readonly bootNanoseconds: number | null } | null;
  #exit: DomainExit | null = null;
  /** Whether it ran since it was created: one that was created paused has reported nothing. */
  #ran: boolean;
  #quiet: boolean;
  #stopping = false;
  #report: EndReport | null = null;
  #parked: 'no' | 'parked' | 'claimed' = 'no';

  constructor({ id, name, reportsExit, phase, found, ready, emit }: TrackedDomainOptions) {
    this.id = id;
    this.name = name;
    this.reportsExit = reportsExit;
    this.#phase = phase;
    this.#ready = ready;
    this.#ran = found;
    this.#quiet = found;
    this.#emit = emit;
  }

  get phase(): Phase {
    return this.#phase;
  }

  get ready(): { readonly bootNanoseconds: number | null } | null {
    return this.#ready;
  }

  /** Whether it waits before main to be claimed. */
  get parked(): boolean {
    return this.#parked === 'parked';
  }

  get exit(): DomainExit | null {
    return this.#exit;
  }

  /** Resolves when `ended` was told. */
  get end(): Promise<undefined> {
    return this.#end.promise;
  }

  started(): void {
    if (this.#phase !== 'creating') return;
    this.#phase = 'running';
    this.#emit({ type: 'started', id: this.id });
  }

  paused(): void {
    this.started();
    if (this.#phase !== 'running') return;
    this.#phase = 'paused';
    this.#emit({ type: 'paused', id: this.id });
  }

  resumed(): void {
    this.#ran = true;
    this.started();
    if (this.#phase !== 'paused') return;
    this.#phase = 'running';
    this.#emit({ type: 'resumed', id: this.id });
  }

  /** What it reports from now on is new. */
  settle(): void {
    this.#quiet = false;
  }

  /** What the guest said on its console. */
  reported(report: GuestReport): void {
    if (report.type === 'parked') {
      if (this.#parked === 'no' && this.#ready === null) this.#park();
      return;
    }
    if (report.type !== 'ready') {
      // A panic says what happened in its first line; its registers, its backtrace and its exit code follow.
      if (this.#report?.type !== 'panic') this.#report = report;
      return;
    }
    if (this.#ready !== null || this.#phase === 'ended') return;
    // The time that it was parked is no time that it took to boot.
    const bootNanoseconds = this.#parked === 'no' ? report.bootNanoseconds : null;
    this.#ready = { bootNanoseconds };
    this.#parked = 'no';
    this.#tellOfGuest({ type: 'ready', id: this.id, bootNanoseconds });
  }

  /** Takes it for whoever claims it first. Returns whether that is the caller. */
  claim(): boolean {
    if (this.#parked !== 'parked' || this.#phase !== 'running') return false;
    this.#parked = 'claimed';
    return true;
  }

  /** The claim did not reach the guest. */
  unclaim(): void {
    if (this.#parked === 'claimed') this.#parked = 'parked';
  }

  #park(): void {
    this.#parked = 'parked';
    if (this.#phase !== 'ended') this.#tellOfGuest({ type: 'parked', id: this.id });
  }

  #tellOfGuest(event: DriverEvent): void {
    if (this.#quiet) return;
    this.started();
    if (!this.#ran) this.resumed();
    this.#emit(event);
  }

  /** It stopped, with libvirt's detail if there was an event: takes in the last of the console, then tells the end. */
  async stopped(detail: number | null): Promise<void> {
    if (this.#stopping) return this.#end.promise;
    this.#stopping = true;
    if ((await this.console?.finish()) === false) return; // who takes up the domain next tells
    this.#tellEnd(detail);
  }

  /**
   * Whether one that libvirt could not create, and does not have, ran to its end nevertheless: a guest that lives for a millisecond may
   * end before libvirt's call does, which takes that for a failure. Then its end is told.
   */
  async hasRun(): Promise<boolean> {
    if (this.#stopping) {
      await this.#end.promise;
    } else {
      this.#stopping = true;
      await this.console?.finish();
      if (this.#hasSpoken) this.#tellEnd(null);
    }
    return this.#hasSpoken;
  }

  get #hasSpoken(): boolean {
    return this.#ready !== null || this.#report !== null;
  }

  #tellEnd(detail: number | null): void {
    const { destroying: destroyed, reportsExit } = this;
    const exit = exitOf({ report: this.#report, detail, destroyed, reportsExit });
    this.started();
    this.#exit = exit;
    this.#phase = 'ended';
    this.#emit({ type: 'ended', id: this.id, exit });
    this.#end.resolve(undefined);
  }
}
