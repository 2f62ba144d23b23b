// SPDX-License-Identifier: BSD-3-Clause
import koffi from 'koffi';
import { LibvirtError } from './failure.js';
import { type Libvirt, type Pointer, STREAM_CALLBACK } from './libvirt.js';

const NONBLOCK = 1; // VIR_STREAM_NONBLOCK
const FORCE = 1; // VIR_DOMAIN_CONSOLE_FORCE: take it from whoever has it, which may be ourselves before a restart
/** virStreamEventType */
const EVENT = { READABLE: 1, WRITABLE: 2, ERROR: 4, HANGUP: 8 } as const;
const WOULD_BLOCK = -2;
const PIECE_BYTES = 16 * 1024;
/** What may be on its way to the main thread, of one console; more than that waits in the host. */
const UNTAKEN_BYTES = 256 * 1024;
/** Input that the host has not taken yet, of one console. */
const UNSENT_BYTES = 64 * 1024;

export interface ConsoleListener {
  data(number: number, data: Uint8Array): void;
  /** The stream has ended, or could not be opened. */
  closed(number: number): void;
}

interface Console {
  /** What the main thread knows it by. */
  readonly number: number;
  readonly connection: Pointer;
  readonly stream: Pointer;
  untaken: number;
  unsent: Buffer;
}

/**
 * Consoles as libvirt streams, for hosts whose consoles are no files here. To be used on the thread of the event loop only: the
 * streams are non-blocking, and libvirt calls back when there is something to read or room to write.
 */
export class ConsoleStreams {
  readonly #libvirt: Libvirt;
  readonly #listener: ConsoleListener;
  readonly #consoles = new Map<Pointer, Console>();
  readonly #callback: bigint;

  constructor(libvirt: Libvirt, listener: ConsoleListener) {
    this.#libvirt = libvirt;
    this.#listener = listener;
    this.#callback = koffi.register((stream: Pointer, events: number) => {
      const console = this.#consoles.get(stream);
      if (console !== undefined) this.#serve(console, events);
    }, STREAM_CALLBACK);
  }

  /** Opens the console of the domain with this id. */
  open(connection: Pointer, number: number, id: string): void {
    const libvirt = this.#libvirt;
    const domain = libvirt.lookupByUuid(connection, id);
    const stream = domain === null ? null : libvirt.newStream(connection, NONBLOCK);
    const opened =
      domain !== null &&
      stream !== null &&
      libvirt.openConsole(domain, null, stream, FORCE) === 0 &&
      libvirt.addStreamCallback(stream, EVENT.READABLE, this.#callback, null, null) === 0;
    if (domain !== null) libvirt.freeDomain(domain);
    if (opened) {
      const console = { number, connection, stream, untaken: 0, unsent: Buffer.alloc(0) };
      this.#consoles.set(stream, console);
      return;
    }
    if (stream !== null) libvirt.freeStream(stream);
    this.#listener.closed(number);
  }

  /** The main thread has taken this many bytes. */
  taken(number: number, bytes: number): void {
    const console = this.#find(number);
    if (console === undefined) return;
    console.untaken -= bytes;
    this.#listen(console);
  }

  /** @throws LibvirtError if the console is not open, or takes no more */
  write(number: number, data: Uint8Array): void {
    const console = this.#find(number);
    if (console === undefined) throw failure('the console is not open');
    if (console.unsent.length + data.length > UNSENT_BYTES)
      throw failure('the guest reads no input');
    console.unsent = Buffer.concat([console.unsent, data]);
    this.#send(console);
  }

  close(number: number): void {
    const console = this.#find(number);
    if (console !== undefined) this.#close(console);
  }

  /** Closes all consoles of a connection. */
  closeAll(connection: Pointer): void {
    for (const console of [...this.#consoles.values()]) {
      if (console.connection === connection) this.#close(console);
    }
  }

  /** To be called when the event loop runs no more. */
  dispose(): void {
    koffi.unregister(this.#callback);
  }

  #find(number: number): Console | undefined {
    for (const console of this.#consoles.values()) if (console.number === number) return console;
    return undefined;
  }

  #serve(console: Console, events: number): void {
    if ((events & EVENT.WRITABLE) !== 0) this.#send(console);
    const open = this.#receive(console);
    const broken = (events & (EVENT.ERROR | EVENT.HANGUP)) !== 0;
    // What the host has broken off it has forgotten: to abort that too would only get in the way of its clearing up.
    if (!open || broken) this.#close(console, { abort: !broken });
  }

  /** Passes on what has arrived; false at the end of the stream. */
  #receive(console: Console): boolean {
    while (console.untaken < UNTAKEN_BYTES) {
      const piece = Buffer.allocUnsafeSlow(PIECE_BYTES);
      const count = this.#libvirt.receive(console.stream, piece, PIECE_BYTES);
      if (count === WOULD_BLOCK) return true;
      if (count <= 0) return false;
      console.untaken += count;
      this.#listener.data(console.number, piece.subarray(0, count));
    }
    this.#listen(console);
    return true;
  }

  #send(console: Console): void {
    while (console.unsent.length > 0) {
      const count = this.#libvirt.send(console.stream, console.unsent, console.unsent.length);
      if (count < 0) break; // no room now; an error is told by an event
      console.unsent = console.unsent.subarray(count);
    }
    this.#listen(console);
  }

  #listen(console: Console): void {
    const reads = console.untaken < UNTAKEN_BYTES ? EVENT.READABLE : 0;
    const writes = console.unsent.length > 0 ? EVENT.WRITABLE : 0;
    this.#libvirt.updateStreamCallback(console.stream, reads | writes);
  }

  #close(console: Console, { abort } = { abort: true }): void {
    this.#consoles.delete(console.stream);
    this.#libvirt.removeStreamCallback(console.stream);
    if (abort) this.#libvirt.abortStream(console.stream);
    this.#libvirt.freeStream(console.stream);
    this.#listener.closed(console.number);
  }
}

function failure(message: string): LibvirtError {
  return new LibvirtError({ code: null, domain: 0, message });
}
