// SPDX-License-Identifier: BSD-3-Clause
import { open } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { messageOf, UnicoreError } from '../../../errors/index.js';
import { encodeFrame, FrameSplitter, PayloadReader, type Frame } from './frames.js';
import {
  decodeEvent,
  decodeHello,
  encodeHello,
  NOTICE,
  REPLY_BIT,
  REQUEST,
  STATUS,
  type EventPosition,
  type HelloReply,
  type LauncherEvent,
} from './protocol.js';

/** The kernel's limit for a socket's path, with its terminating NUL (unix(7)). */
const SOCKET_PATH_BYTES = 108;
/** A launcher that has requests to answer and says nothing for this long does not answer. */
const SILENCE_MILLISECONDS = 10_000;

export interface LauncherListener {
  event(event: LauncherEvent): void;
  /** Events were dropped, because we read too slowly. */
  lost(): void;
  /** The connection is gone. `replaced`: another daemon of the same owner took over. */
  closed(reason: string, replaced: boolean): void;
}

interface Waiting {
  readonly resolve: (frame: Frame) => void;
  readonly reject: (error: Error) => void;
}

/** A connected and greeted launcher. Many requests may be under way; they are answered in order. */
export class LauncherConnection {
  readonly #socket: Socket;
  readonly #listener: LauncherListener;
  readonly #splitter = new FrameSplitter();
  readonly #waiting = new Map<number, Waiting>();
  readonly #silence: NodeJS.Timeout;
  #unsent: Buffer[] = [];
  #nextRequest = 1;
  #heard = performance.now();
  #closed = false;
  #replaced = false;

  private constructor(socket: Socket, listener: LauncherListener) {
    this.#socket = socket;
    this.#listener = listener;
    socket.on('data', (bytes) => this.#take(bytes));
    socket.on('error', (error) => this.#fail(error.message));
    socket.on('close', () => this.#fail('the launcher closed the connection'));
    this.#silence = setInterval(() => this.#checkSilence(), SILENCE_MILLISECONDS / 10);
    this.#silence.unref();
  }

  /**
   * Connects and greets. Events after `position` come to the listener, unless the reply says `resync`.
   * @throws HOST_UNAVAILABLE
   */
  static async open(
    stateDirectory: string,
    owner: string,
    position: EventPosition | null,
    listener: LauncherListener,
  ): Promise<{ connection: LauncherConnection; hello: HelloReply }> {
    const connection = new LauncherConnection(await connectSocket(stateDirectory), listener);
    try {
      const reply = await connection.request(REQUEST.hello, encodeHello(owner, position));
      return { connection, hello: decodeHello(reply) };
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /**
   * The payload of the reply.
   * @throws what the launcher's status means, or HOST_UNAVAILABLE if the connection ends first
   */
  async request(type: number, payload: Buffer): Promise<Buffer> {
    if (this.#closed) throw unavailable('the connection to the launcher is closed');
    const request = this.#nextRequest;
    this.#nextRequest = request === 0xffff_ffff ? 1 : request + 1;
    const idle = this.#waiting.size === 0;
    if (idle) this.#heard = performance.now();
    const reply = new Promise<Frame>((resolve, reject) => {
      this.#waiting.set(request, { resolve, reject });
    });
    const bytes = encodeFrame(type, request, payload);
    // The first of many goes ahead, so that the launcher has begun when the others come.
    if (idle) this.#socket.write(bytes);
    else this.#send(bytes);
    const frame = await reply;
    if (frame.status !== STATUS.ok) throw errorOf(frame);
    return frame.payload;
  }

  /** Disconnects; what is under way is rejected. The listener is not told. */
  close(): void {
    this.#end('the connection to the launcher was closed');
  }

  /** Requests of the same turn of the event loop go out in one write, after all that its replies and events led to. */
  #send(frame: Buffer): void {
    if (this.#unsent.length === 0) {
      process.nextTick(() => {
        const frames = this.#unsent;
        this.#unsent = [];
        if (!this.#closed) this.#socket.write(Buffer.concat(frames));
      });
    }
    this.#unsent.push(frame);
  }

  #take(bytes: Buffer): void {
    this.#heard = performance.now();
    try {
      for (const frame of this.#splitter.push(bytes)) this.#dispatch(frame);
    } catch (error) {
      this.#fail(`the launcher broke the protocol: ${messageOf(error)}`);
    }
  }

  #dispatch(frame: Frame): void {
    if ((frame.type & REPLY_BIT) !== 0) {
      const waiting = this.#waiting.get(frame.request);
      this.#waiting.delete(frame.request);
      waiting?.resolve(frame);
    } else if (frame.type === NOTICE.event) {
      this.#listener.event(decodeEvent(frame.payload));
    } else if (frame.type === NOTICE.lost) {
      this.#listener.lost();
    } else if (frame.type === NOTICE.replaced) {
      this.#replaced = true;
    }
  }

  #checkSilence(): void {
    if (this.#waiting.size > 0 && performance.now() - this.#heard > SILENCE_MILLISECONDS) {
      this.#fail(`the launcher has not answered for ${SILENCE_MILLISECONDS / 1000} s`);
    }
  }

  #fail(reason: string): void {
    if (this.#closed) return;
    const text = this.#replaced ? 'another daemon took over the launcher' : reason;
    this.#end(text);
    this.#listener.closed(text, this.#replaced);
  }

  #end(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#silence);
    this.#socket.destroy();
    for (const waiting of this.#waiting.values()) waiting.reject(unavailable(reason));
    this.#waiting.clear();
  }
}

function unavailable(detail: string): UnicoreError {
  return new UnicoreError('HOST_UNAVAILABLE', `The linuxu launcher does not answer: ${detail}`);
}

function errorOf(frame: Frame): UnicoreError {
  const text = new PayloadReader(frame.payload).text();
  switch (frame.status) {
    case STATUS.unknown:
    case STATUS.stranger:
      return new UnicoreError('DOMAIN_NOT_FOUND', `The launcher says: ${text}`);
    case STATUS.noCapacity:
      return new UnicoreError('NO_CAPACITY', `The host has no room for the process: ${text}`);
    case STATUS.notParked:
      return new UnicoreError('INVALID_PHASE', `The process is not parked: ${text}`);
    case STATUS.unsupported:
      return new UnicoreError('DRIVER_UNSUPPORTED', `The launcher cannot do this: ${text}`);
    case STATUS.notOwner:
      return unavailable(text);
    default:
      return new UnicoreError('DRIVER_FAILED', `The process could not be started or told: ${text}`);
  }
}

/** Connects; a path that is too long for a socket's address is reached through a descriptor of its directory. */
async function connectSocket(stateDirectory: string): Promise<Socket> {
  const path = join(stateDirectory, 'launcher.sock');
  if (Buffer.byteLength(path) < SOCKET_PATH_BYTES) return connected(path);
  const directory = await open(stateDirectory, 'r').catch((error: unknown) => {
    throw unavailable(messageOf(error));
  });
  try {
    return await connected(`/proc/self/fd/${directory.fd}/launcher.sock`);
  } finally {
    await directory.close();
  }
}

function connected(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const refuse = (error: Error) => reject(unavailable(error.message));
    socket.once('error', refuse);
    socket.once('connect', () => {
      socket.off('error', refuse);
      resolve(socket);
    });
  });
}
