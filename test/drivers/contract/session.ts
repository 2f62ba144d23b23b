// SPDX-License-Identifier: BSD-3-Clause
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type {
  ConsoleChunk,
  DomainExit,
  DomainObservation,
  DomainSpec,
  DriverEvent,
  HypervisorDriver,
} from '../../../src/orchestrator/drivers/driver.js';
import type { DriverHarness, Guest } from './harness.js';

type DomainEvent = Extract<DriverEvent, { readonly id: string }>;

/** What a session needs of a harness. */
export type SessionHarness = Pick<
  DriverHarness,
  'connect' | 'memoryBytes' | 'patienceMilliseconds'
>;

/** One driver object under test: keeps all events that it told, and the domains that the test made through it. */
export class DriverSession {
  readonly driver: HypervisorDriver;
  readonly events: DriverEvent[] = [];
  readonly #harness: SessionHarness;
  readonly #created = new Set<string>();
  #wake: () => void = () => undefined;

  private constructor(harness: SessionHarness) {
    this.#harness = harness;
    this.driver = harness.connect();
    this.driver.onEvent((event) => {
      this.events.push(event);
      this.#wake();
    });
  }

  static async open(harness: SessionHarness): Promise<DriverSession> {
    const session = new DriverSession(harness);
    await session.driver.open();
    return session;
  }

  spec(guest: Guest, changes: Partial<DomainSpec> = {}): DomainSpec {
    const id = randomUUID();
    this.#created.add(id);
    return {
      id,
      name: `contract-${id.slice(0, 8)}`,
      image: guest.image,
      memoryBytes: this.#harness.memoryBytes,
      vcpus: 1,
      args: guest.args,
      paused: false,
      park: false,
      ...changes,
    };
  }

  async start(guest: Guest, changes: Partial<DomainSpec> = {}): Promise<string> {
    const spec = this.spec(guest, changes);
    await this.driver.create(spec);
    return spec.id;
  }

  eventsOf(id: string): DomainEvent[] {
    return this.events.filter((event): event is DomainEvent => 'id' in event && event.id === id);
  }

  typesOf(id: string): string[] {
    return this.eventsOf(id).map((event) => event.type);
  }

  async until(condition: () => boolean, what: string): Promise<void> {
    const deadline = Date.now() + this.#harness.patienceMilliseconds;
    while (!condition()) {
      const left = deadline - Date.now();
      if (left <= 0) {
        throw new Error(
          `${what} did not happen; events: ${JSON.stringify(this.events.slice(-20))}`,
        );
      }
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        timer = setTimeout(resolve, Math.min(left, 100));
      });
      clearTimeout(timer);
    }
  }

  async untilEvent(id: string, type: DomainEvent['type']): Promise<void> {
    await this.until(() => this.typesOf(id).includes(type), `${type} of ${id}`);
  }

  async untilEnded(id: string): Promise<DomainExit> {
    await this.untilEvent(id, 'ended');
    const ended = this.eventsOf(id).find((event) => event.type === 'ended')!;
    return ended.exit;
  }

  async observe(id: string): Promise<DomainObservation | undefined> {
    return (await this.driver.list()).find((domain) => domain.id === id);
  }

  /** All output from `fromOffset` on, until the domain ends or `enough` says so; ends of line as `\n`. */
  async output(
    id: string,
    enough: (text: string) => boolean = () => false,
    fromOffset = 0,
    follow = true,
  ): Promise<string> {
    const giveUp = AbortSignal.timeout(this.#harness.patienceMilliseconds);
    const stop = new AbortController();
    const bytes: Uint8Array[] = [];
    let next = fromOffset;
    const text = () => Buffer.concat(bytes).toString('latin1').replaceAll('\r\n', '\n');
    const signal = AbortSignal.any([giveUp, stop.signal]);
    for await (const chunk of this.driver.readConsole(id, fromOffset, { signal, follow })) {
      next = append(bytes, chunk, next);
      if (enough(text())) break;
    }
    stop.abort();
    return text();
  }

  /** Destroys what the test made, and disconnects. */
  async end(): Promise<void> {
    await Promise.all([...this.#created].map((id) => this.driver.destroy(id)));
    await this.driver.close();
  }
}

function append(bytes: Uint8Array[], chunk: ConsoleChunk, expectedOffset: number): number {
  expect(chunk.offset).toBeGreaterThanOrEqual(expectedOffset);
  expect(chunk.data.byteLength).toBeGreaterThan(0);
  bytes.push(chunk.data);
  return chunk.offset + chunk.data.byteLength;
}
