// SPDX-License-Identifier: BSD-3-Clause
import { once } from 'node:events';
import { WebSocket } from 'ws';

/** Clients of `/v1/events` that note how long each event was under way. */
export class EventClients {
  readonly #sockets: readonly WebSocket[];
  /** Milliseconds from an event's time (which has whole milliseconds, of the same clock) to its arrival. */
  readonly lags: number[] = [];

  private constructor(sockets: readonly WebSocket[]) {
    this.#sockets = sockets;
    for (const socket of sockets) {
      socket.on('message', (data: Buffer) => {
        const event = JSON.parse(data.toString()) as { seq?: number; time?: string };
        if (event.seq === undefined || event.time === undefined) return;
        this.lags.push(Date.now() - Date.parse(event.time));
      });
    }
  }

  /** Connects and subscribes to what happens to instances with a label, from now on. */
  static async connect(
    url: string,
    token: string,
    count: number,
    selector: string,
  ): Promise<EventClients> {
    const sockets: WebSocket[] = [];
    for (let index = 0; index < count; index++) {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/events`, {
        headers: { authorization: `Bearer ${token}` },
      });
      await once(socket, 'open');
      const answered = once(socket, 'message');
      socket.send(JSON.stringify({ id: 1, op: 'subscribe', kinds: ['instance'], selector }));
      await answered;
      sockets.push(socket);
    }
    return new EventClients(sockets);
  }

  close(): void {
    for (const socket of this.#sockets) socket.terminate();
  }
}
