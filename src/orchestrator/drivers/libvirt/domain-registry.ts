// SPDX-License-Identifier: BSD-3-Clause
import { messageOf } from '../../../errors/index.js';
import type { DriverEvent } from '../driver.js';
import { ConsoleDirectory, type DomainNote } from './console/directory.js';
import { DomainConsole } from './console/domain-console.js';
import { ConsoleInput } from './console/input.js';
import type { LogPosition } from './console/log.js';
import type { ConsoleRecorder } from './console/recorder.js';
import type { Logger } from '../../logger.js';
import { TrackedDomain } from './tracked-domain.js';

type NewDomain = Pick<DomainNote, 'id' | 'name' | 'reportsExit'>;

/** Our domains: those that libvirt has, those that ended and were not destroyed, and what they keep on disk. */
export class DomainRegistry {
  readonly input = new ConsoleInput();
  /** Null where the host gives no consoles; then nothing is kept on disk. */
  readonly directory: ConsoleDirectory | null;
  /** Where consoles come as streams: what writes their logs. */
  recorder: ConsoleRecorder | null = null;
  readonly #domains = new Map<string, TrackedDomain>();
  /** Writes of notes under way: one at a time for a domain, and none after it was forgotten. */
  readonly #writes = new Map<string, Promise<void>>();
  readonly #emit: (event: DriverEvent) => void;
  readonly #logger: Logger;

  constructor(path: string | null, emit: (event: DriverEvent) => void, logger: Logger) {
    this.directory = path === null ? null : new ConsoleDirectory(path);
    this.#emit = emit;
    this.#logger = logger;
  }

  async open(): Promise<void> {
    await this.directory?.open((id) => this.#rescan(id));
  }

  async close(): Promise<void> {
    await this.recorder?.closeAll();
    this.directory?.close();
    this.input.close();
    await Promise.all(this.all().map(async ({ console }) => console?.close()));
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
    if (phase !== 'ended' || stoppedDetail !== null) await this.recorder?.open(id);
    await (phase === 'ended' ? tracked.stopped(stoppedDetail) : tracked.console?.scan());
    tracked.settle();
    return tracked;
  }

  /** Forgets a domain and removes what it kept on disk. */
  async forget(id: string): Promise<void> {
    const tracked = this.#domains.get(id);
    this.#domains.delete(id);
    await this.recorder?.close(id);
    if (this.directory === null) return;
    const { log, socket, claims } = this.directory.paths(id);
    this.input.disconnect(socket);
    this.input.disconnect(claims);
    await (tracked?.console ?? new DomainConsole(log, null, ignore, ignore)).remove();
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
    if (this.directory !== null) {
      tracked.console = new DomainConsole(
        this.directory.paths(domain.id).log,
        note?.log ?? null,
        (report) => tracked.reported(report),
        (position) => this.#remember(tracked, position),
      );
    }
    this.#domains.set(domain.id, tracked);
    return tracked;
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
