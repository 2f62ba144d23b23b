// SPDX-License-Identifier: BSD-3-Clause
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Gate } from './gate.js';

/** Procedures of libvirt's remote protocol, by number (libvirt's src/remote/remote_protocol.x). */
const PROCEDURES = { DomainCreateXML: 10, DomainDestroyFlags: 234 } as const;
/** REMOTE_PROGRAM */
const PROGRAM = 0x2000_8086;
/** virNetMessageType */
const TYPE = { CALL: 0, REPLY: 1 } as const;

/** Before libvirtd has a call, or when it has done it, and nobody knows. */
export interface CallPlace {
  readonly when: 'before' | 'after';
  readonly call: keyof typeof PROCEDURES;
}

/** Stands between libvirt's clients and the TCP port of a libvirtd, and holds back one message. */
export class LibvirtGate implements Gate<CallPlace> {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #place: CallPlace | null = null;
  #held = Promise.withResolvers<() => void>();

  private constructor(target: number) {
    this.#server = createServer((client) => this.#join(client, target));
  }

  /** `uri`: of a libvirtd on loopback, as in `xen+tcp://127.0.0.1:PORT/system`. */
  static async before(uri: string): Promise<LibvirtGate> {
    const gate = new LibvirtGate(Number(new URL(uri).port));
    gate.#server.listen(0, '127.0.0.1');
    await once(gate.#server, 'listening');
    return gate;
  }

  /** The way to it that leads through the gate. */
  get uri(): string {
    return `xen+tcp://127.0.0.1:${(this.#server.address() as AddressInfo).port}/system`;
  }

  close(place: CallPlace): Promise<void> {
    this.#held = Promise.withResolvers();
    this.#place = place;
    return Promise.resolve();
  }

  async reached(): Promise<void> {
    await this.#held.promise;
  }

  async open(): Promise<void> {
    const release = await this.#held.promise;
    release();
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** What a client that is no more has sent arrives all the same, as it does in a network. */
  #join(client: Socket, target: number): void {
    const libvirtd = connect(target, '127.0.0.1');
    this.#forward(client, libvirtd, 'before', TYPE.CALL);
    this.#forward(libvirtd, client, 'after', TYPE.REPLY);
  }

  #forward(from: Socket, to: Socket, when: CallPlace['when'], type: number): void {
    let held = false;
    let pending = Buffer.alloc(0);
    const end = (): void => {
      this.#sockets.delete(from);
      if (!held) to.end();
    };
    this.#sockets.add(from);
    from.on('error', () => undefined);
    from.on('close', end);
    from.on('data', (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk]);
      for (let size = messageSize(pending); size !== null; size = messageSize(pending)) {
        const message = pending.subarray(0, size);
        pending = pending.subarray(size);
        if (!this.#isAt(message, when, type)) {
          to.write(message);
          continue;
        }
        held = true;
        this.#place = null;
        this.#held.resolve(() => {
          held = false;
          to.write(message);
          if (from.destroyed) to.end();
        });
      }
    });
  }

  #isAt(message: Buffer, when: CallPlace['when'], type: number): boolean {
    if (this.#place?.when !== when || message.length < 20) return false;
    return (
      message.readUInt32BE(4) === PROGRAM &&
      message.readInt32BE(12) === PROCEDURES[this.#place.call] &&
      message.readInt32BE(16) === type
    );
  }
}

/** Each message begins with its size, which counts itself (virNetMessage); null if it is not whole yet. */
function messageSize(bytes: Buffer): number | null {
  if (bytes.length < 4) return null;
  const size = bytes.readUInt32BE(0);
  return bytes.length < size ? null : size;
}
