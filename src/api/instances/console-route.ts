// SPDX-License-Identifier: BSD-3-Clause
import { UnicoreError } from '../../errors/index.js';
import type { Instances } from '../../orchestrator/ports.js';
import { consoleQuerySchema, uuidSchema } from '../../wire/index.js';
import { requireRole } from '../auth/authenticator.js';
import { parseWith } from '../http/validation.js';
import { CLOSE } from '../websocket/paced-socket.js';
import type { WebSocketRoute } from '../websocket/upgrade-server.js';

/**
 * `/v1/instances/{id}/console`: the guest's output from `?from=` on in binary frames, and what the client sends as its
 * input. Reading is paced by the client; the guest's output waits in the driver's own buffer. Input needs the operator role.
 */
export function consoleRoute(instances: Instances): WebSocketRoute {
  return {
    pattern: /^\/v1\/instances\/([^/:]+)\/console$/,
    name: '/v1/instances/:id/console',
    role: 'viewer',
    check({ parameters, query }) {
      parseWith(consoleQuerySchema, query);
      instances.get(parseWith(uuidSchema, parameters[0]));
    },
    async handle(socket, { parameters, query, principal }) {
      const id = parameters[0] ?? '';
      const { from } = parseWith(consoleQuerySchema, query);
      socket.onMessage(async (data) => {
        requireRole(principal, 'operator');
        await instances.writeConsole(id, data);
      });
      try {
        for await (const chunk of instances.readConsole(id, from, { signal: socket.closed })) {
          await socket.sendPaced(chunk.data);
        }
      } catch (error) {
        if (socket.closed.aborted) return;
        if (error instanceof UnicoreError) throw error;
        throw new UnicoreError('CONSOLE_UNAVAILABLE', 'The console ended with an error.', {
          cause: error,
        });
      }
      socket.close(CLOSE.normal, 'the guest has ended');
    },
  };
}
