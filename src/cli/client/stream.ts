// SPDX-License-Identifier: BSD-3-Clause
import { on, once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import { CommandError } from '../exit-codes.js';
import { problemError, unreachable, type ApiClient } from './api-client.js';

/** An open WebSocket, and what comes in on it until it is closed. */
export interface Stream {
  readonly socket: WebSocket;
  /** Ends with the connection. Throws a `CommandError` if that was closed for another reason than its end. */
  readonly messages: AsyncIterable<Buffer>;
}

/** Opens a WebSocket of the API. @throws CommandError with the problem if it was refused */
export async function openStream(client: ApiClient, path: string): Promise<Stream> {
  const socket = client.webSocket(path);
  // Listens from the start: what comes together with the answer to the upgrade must not be lost.
  const incoming = on(socket, 'message', { close: ['close'] }) as AsyncIterable<[Buffer]>;
  const closed = once(socket, 'close') as Promise<[number, Buffer]>;
  closed.catch(() => undefined); // an error is told by whoever waits for the opening
  await opened(socket, client.address);
  return { socket, messages: messagesOf(incoming, closed) };
}

async function opened(socket: WebSocket, address: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', (error) => {
      reject(unreachable(error, address));
    });
    socket.once('unexpected-response', (_request, response: IncomingMessage) => {
      response
        .toArray()
        .then((chunks: Buffer[]) => {
          reject(problemError(response.statusCode ?? 0, Buffer.concat(chunks).toString()));
        })
        .catch(reject)
        .finally(() => {
          socket.terminate();
        });
    });
  });
}

async function* messagesOf(
  incoming: AsyncIterable<[Buffer]>,
  closed: Promise<[number, Buffer]>,
): AsyncGenerator<Buffer> {
  for await (const [data] of incoming) yield data;
  const [code, reason] = await closed;
  if (code !== 1000 && code !== 1005) {
    throw new CommandError(
      `The daemon closed the connection: ${reason.toString() || String(code)}`,
    );
  }
}
