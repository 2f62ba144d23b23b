// SPDX-License-Identifier: BSD-3-Clause
import { isIP } from 'node:net';
import { UnicoreError } from '../../errors/index.js';

const LOOPBACK_NAMES: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '::1']);

/**
 * Which Host and Origin headers the daemon answers to. A page of a foreign site whose name was made to point at this
 * machine (DNS rebinding) sends its own name in Host, and is refused: a name is answered only if it is configured;
 * addresses cannot be rebound.
 */
export class HostCheck {
  readonly #names: ReadonlySet<string>;
  readonly #origins: ReadonlySet<string>;

  constructor(allowedHosts: readonly string[], allowedOrigins: readonly string[]) {
    this.#names = new Set(allowedHosts.map((name) => name.toLowerCase()));
    this.#origins = new Set(allowedOrigins);
  }

  /** @throws HOST_REFUSED */
  checkHost(header: string | undefined): void {
    const name = hostNameOf(header);
    if (name !== null && (LOOPBACK_NAMES.has(name) || isIP(name) !== 0 || this.#names.has(name))) {
      return;
    }
    throw new UnicoreError(
      'HOST_REFUSED',
      'Use an address of the daemon, or add the name to api.allowedHosts in its configuration.',
    );
  }

  /** A client that is no browser sends no Origin. @throws ORIGIN_REFUSED */
  checkOrigin(origin: string | undefined, host: string | undefined): void {
    if (origin === undefined || this.#origins.has(origin)) return;
    const parsed = URL.parse(origin);
    if (parsed?.host !== undefined && parsed.host === host?.toLowerCase()) return;
    throw new UnicoreError(
      'ORIGIN_REFUSED',
      "Open the WebSocket from the daemon's own pages, or add the origin to api.allowedOrigins.",
    );
  }
}

function hostNameOf(header: string | undefined): string | null {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s:/@\\[\]]+))(?::\d{1,5})?$/.exec(header ?? '');
  return (match?.[1] ?? match?.[2])?.toLowerCase() ?? null;
}
