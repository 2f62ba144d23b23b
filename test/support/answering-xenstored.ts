// SPDX-License-Identifier: BSD-3-Clause
import { duplexPair, type Duplex } from 'node:stream';
import {
  encodeMessage,
  MESSAGE,
  MessageReader,
  type Message,
} from '../../src/orchestrator/drivers/dom0/xenstore/wire.js';
import { Xenstore } from '../../src/orchestrator/drivers/dom0/xenstore/index.js';

export type Reply = Partial<Message> | null;

/** A client, and what stands at the other end: it answers each request with what `answer` makes of it, which is nothing for null. */
export function connectAnswering(
  answer: (request: Message) => Reply | readonly Reply[],
  timeoutMilliseconds = 60_000,
): { readonly xenstore: Xenstore; readonly server: Duplex } {
  const [client, server] = duplexPair();
  const reader = new MessageReader();
  server.on('data', (piece: Buffer) => {
    for (const request of reader.push(piece)) {
      for (const reply of [answer(request)].flat()) {
        if (reply !== null) server.write(encodeMessage({ ...request, ...reply }));
      }
    }
  });
  return { xenstore: new Xenstore(client, { description: 'test', timeoutMilliseconds }), server };
}

export const textReply = (value: string): Reply => ({ payload: Buffer.from(value) });

export const errorReply = (name: string): Reply => ({
  type: MESSAGE.ERROR,
  payload: Buffer.from(`${name}\0`),
});

export const eventReply = (path: string, token = ''): Reply => ({
  type: MESSAGE.WATCH_EVENT,
  requestId: 0,
  payload: Buffer.from(`${path}\0${token}\0`),
});
