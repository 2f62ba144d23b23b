// SPDX-License-Identifier: BSD-3-Clause
import type { Builder } from '../../build/ports.js';
import { UnicoreError } from '../../errors/index.js';
import { logQuerySchema, uuidSchema } from '../../wire/index.js';
import { parseWith } from '../http/validation.js';
import { CLOSE } from '../websocket/paced-socket.js';
import type { WebSocketRoute } from '../websocket/upgrade-server.js';

/** `/v1/builds/{id}/log`: `{"offset":…,"text":…}` frames until the build has ended; the close reason is its phase. */
export function buildLogRoute(builder: Builder): WebSocketRoute {
  return {
    pattern: /^\/v1\/builds\/([^/:]+)\/log$/,
    name: '/v1/builds/:id/log',
    role: 'viewer',
    async check({ parameters, query }) {
      parseWith(logQuerySchema, query);
      await builder.get(parseWith(uuidSchema, parameters[0]));
    },
    async handle(socket, { parameters, query }) {
      const id = parameters[0] ?? '';
      const { from } = parseWith(logQuerySchema, query);
      socket.onMessage(() => {
        throw new UnicoreError('INVALID_REQUEST', 'A build takes no input.');
      });
      try {
        for await (const { offset, text } of builder.log(id, from, socket.closed)) {
          await socket.sendPaced(JSON.stringify({ offset, text }));
        }
      } catch (error) {
        if (socket.closed.aborted) return;
        throw error;
      }
      socket.close(CLOSE.normal, (await builder.get(id)).phase);
    },
  };
}
