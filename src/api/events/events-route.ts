// SPDX-License-Identifier: BSD-3-Clause
import type { EventLog, EventRecord } from '../../orchestrator/ports.js';
import type { Metrics } from '../metrics/metrics.js';
import type { WebSocketRoute } from '../websocket/upgrade-server.js';
import { EventSession } from './event-session.js';
import type { SnapshotSources } from './snapshot.js';

/** Feeds all event sessions from one subscription to the log, and makes each event's frame once for all of them. */
export class EventFanout {
  readonly #sessions = new Set<EventSession>();
  readonly #frames = new WeakMap<EventRecord, string>();
  readonly #unsubscribe: () => void;

  constructor(
    private readonly events: EventLog,
    private readonly sources: SnapshotSources,
    metrics: Metrics,
  ) {
    this.#unsubscribe = events.subscribe((event) => {
      if (this.#sessions.size === 0) return;
      for (const session of this.#sessions) session.deliver(event);
      // A clock that was set back meanwhile tells nothing.
      metrics.observeEventLag(Math.max(0, Date.now() - Date.parse(event.time)) / 1000);
    });
  }

  /** `/v1/events`. */
  route(): WebSocketRoute {
    return {
      pattern: /^\/v1\/events$/,
      name: '/v1/events',
      role: 'viewer',
      check: () => undefined,
      handle: (socket) => {
        const session = new EventSession(socket, {
          ...this.sources,
          events: this.events,
          frameOf: (event) => this.#frameOf(event),
        });
        this.#sessions.add(session);
        socket.closed.addEventListener('abort', () => {
          this.#sessions.delete(session);
        });
      },
    };
  }

  close(): void {
    this.#unsubscribe();
  }

  #frameOf(event: EventRecord): string {
    const known = this.#frames.get(event);
    if (known !== undefined) return known;
    const { seq, time, type, resource, data } = event;
    const frame = JSON.stringify({ seq, time, type, resource, data });
    this.#frames.set(event, frame);
    return frame;
  }
}
