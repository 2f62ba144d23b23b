// SPDX-License-Identifier: BSD-3-Clause
import { messageOf } from '../../../errors/index.js';
import type { DriverEvent } from '../driver.js';
import { ConsoleDirectory, type DomainNote } from './console/directory.js';
import { Dom0Console } from './console/dom0-console.js';
import { DomainConsole } from './console/domain-console.js';
import type { GuestConsole } from './console/guest-console.js';
import { ConsoleInput } from './console/input.js';
import type { GuestReport } from './console/lines.js';
import type { LogPosition } from './console/log.js';
import type { XenGuests } from './console/xen-guests.js';
import type { Logger } from '../../logger.js';
import { TrackedDomain } from './tracked-domain.js';
import { domainName } from './xml/ownership.js';

type NewDomain = Pick<DomainNote, 'id' | 'name' | 'reportsExit'>;

/** Our domains: those that libvirt has, those that ended and were not destroyed, and what they keep on disk. */
export class DomainRegistry {
  readonly input = new ConsoleInput();
  /** Null where nothing is kept on disk. */
  readonly directory: ConsoleDirectory | null;
  /** What tells of guests where libvirt writes no log of them. */
  readonly guests: XenGuests | null;
  readonly #domains = new Map<string, TrackedDomain>();
  /** Writes of notes under way: one at a time for a domain, and none after it was forgotten. */
  readonly #writes = new Map<string, Promise<void>>();
  readonly #emit: (event: DriverEvent) => void;
  readonly #logger: Logger;

  constructor(
    path: string | null,
    guests: XenGuests | null,
    emit: (event: DriverEvent) => void,
    logger: Logger,
  ) {
    this.guests = guests;
    this.directory = path === null ? null : new ConsoleDirectory(path);
    this.#emit = emit;
    this.#logger = logger;
  }

  async open(): Promise<void> {
    await this.directory?.open((id) => this.#rescan(id));
    await this.guests?.open();
  }

  async close(): Promise<void> {
    this.directory?.close();
    this.input.close();
    await Promise.all(this.all().map(async ({ console }) => console?.close()));
    await this.guests?.close();
  }

  get(id: string): TrackedDomain | undefined {
    return this.#domains.get(id);
  }

  all(): TrackedDomain[] {
    return [...this.#domains.values()];
  }

  /** One that is about to be created. Its note is on disk when this resolves. */
  async begin(domain: NewDomain): Promise<TrackedDomain> {
    const tracked = this.#track(domain, 'creating', null, false);
    await this.directory?.write({ ...domain, log: null, ready: null });
    return tracked;
  }

  /**
   * One that libvirt has, or had, and that this process did not create. What it printed is read when this resolves.
   * `stoppedDetail`: virDomainEventStoppedDetailType of one that has ended, if that is known.
   */
  async adopt(
    id: string,
    name: string,
    phase: 'running' | 'paused' | 'ended',
    stoppedDetail: number | null = null,
  ): Promise<TrackedDomain> {
    const known = this.#domains.get(id);
    if (known !== undefined) return known;
    const note = (await this.directory?.note(id)) ?? null;
    const raced = this.#domains.get(id);
    if (raced !== undefined) return raced;
    const domain = { id, name, reportsExit: note?.reportsExit ?? true };
    const tracked = this.#track(domain, phase === 'ended' ? 'running' : phase, note, true);
    await (phase === 'ended' ? tracked.stopped(stoppedDetail) : tracked.console?.scan());
    tracked.settle();
    return tracked;
  }

  /** Whether there is output of a domain that is gone, so that it ran once. */
  async hasOutput(id: string): Promise<boolean> {
    return this.guests === null && (await this.directory?.hasLog(id)) === true;
  }

  /** Looks for reports that may have been missed. */
  rescan(): void {
    if (this.guests !== null) return;
    // inotify drops events when its queue is full.
    for (const { id, ready } of this.all()) if (ready === null) this.#rescan(id);
  }

  /** Forgets a domain and removes what there is of it besides libvirt. */
  async forget(id: string): Promise<void> {
    const tracked = this.#domains.get(id);
    if (!(await this.#removeOutput(id, tracked))) return;
    this.#domains.delete(id);
    if (this.directory === null) return;
    const { socket, claims } = this.directory.paths(id);
    this.input.disconnect(socket);
    this.input.disconnect(claims);
    await this.#writes.get(id);
    await this.directory.remove(id);
  }

  #track(
    domain: NewDomain,
    phase: 'creating' | 'running' | 'paused',
    note: DomainNote | null,
    found: boolean,
  ): TrackedDomain {
    const ready = note?.ready ?? null;
    const tracked = new TrackedDomain({ ...domain, phase, found, ready, emit: this.#emit });
    tracked.console = this.#consoleOf(tracked, note);
    this.#domains.set(domain.id, tracked);
    return tracked;
  }

  #consoleOf(domain: TrackedDomain, note: DomainNote | null): GuestConsole | null {
    const onReport = (report: GuestReport): void => domain.reported(report);
    if (this.guests !== null) return new Dom0Console(this.guests, domain, onReport);
    if (this.directory === null) return null;
    const { log } = this.directory.paths(domain.id);
    const onRotation = (position: LogPosition | null): void => this.#remember(domain, position);
    return new DomainConsole(log, note?.log ?? null, onReport, onRotation);
  }

  /** False if the host does not answer now, and it can wait: the note stays for the next time. */
  async #removeOutput(id: string, tracked: TrackedDomain | undefined): Promise<boolean> {
    if (this.directory === null) return true;
    try {
      if (tracked !== undefined) await tracked.console?.remove();
      else if (this.guests === null) {
        await new DomainConsole(this.directory.paths(id).log, null, ignore, ignore).remove();
      } else {
        const note = await this.directory.note(id);
        if (note !== null) await this.guests.removeLog(domainName(note.name, id));
      }
      return true;
    } catch (error) {
      if (tracked?.phase === 'ended') throw error;
      this.#logger.warn({ id, error: messageOf(error) }, 'cannot remove what a guest has printed');
      return tracked !== undefined;
    }
  }

  /** Notes where the log's files begin, and the report that may be rotated away. */
  #remember(domain: TrackedDomain, log: LogPosition | null): void {
    if (this.#domains.get(domain.id) !== domain) return;
    const { id, name, reportsExit, ready } = domain;
    const before = this.#writes.get(id) ?? Promise.resolve();
    const write = before
      .then(() => this.directory?.write({ id, name, reportsExit, log, ready }))
      .catch((error: unknown) => {
        this.#logger.warn({ id, error: messageOf(error) }, 'cannot note where a console log is');
      })
      .finally(() => {
        if (this.#writes.get(id) === write) this.#writes.delete(id);
      });
    this.#writes.set(id, write);
  }

  #rescan(id: string): void {
    this.#domains
      .get(id)
      ?.console?.scan()
      .catch((error: unknown) => {
        this.#logger.warn({ id, error: messageOf(error) }, 'cannot read a console log');
      });
  }
}

function ignore(): void {
  // A console that is made only to remove its files reports nothing.
}
