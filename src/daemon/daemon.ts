// SPDX-License-Identifier: BSD-3-Clause
import { readFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import { tokenDigest } from '../api/auth/token-registry.js';
import { ApiServer } from '../api/server.js';
import type { ApiServices } from '../api/services.js';
import { messageOf, UnicoreError } from '../errors/index.js';
import { adminToken } from './admin-token.js';
import type { Configuration } from './configuration-schema.js';
import { StateDirectory } from './state-directory.js';
import { TokenFile } from './token-file.js';
import { UndoStack } from './undo-stack.js';

/** All that is behind the API, and how to let go of it. */
export interface Composition {
  readonly services: ApiServices;
  /** Stops builds, disconnects from the hosts, makes the store durable. Guests go on running. */
  close(): Promise<void>;
}

export type Compose = (
  configuration: Configuration,
  state: StateDirectory,
  logger: Logger,
) => Promise<Composition>;

const STOP_DEADLINE_MILLISECONDS = 10_000;

/** A daemon that answers. */
export interface Daemon {
  readonly url: string;
  readonly socketPath: string;
  stop(): Promise<void>;
}

/**
 * Takes the state directory, composes what is behind the API, and listens. What was taken is given back if a later step
 * fails.
 * @throws STATE_LOCKED, STATE_CORRUPT, INVALID_CONFIGURATION_FILE, ADDRESS_UNAVAILABLE and what `compose` throws
 */
export async function startDaemon(
  configuration: Configuration,
  logger: Logger,
  compose: Compose,
): Promise<Daemon> {
  const undo = new UndoStack(logger);
  try {
    const state = await StateDirectory.open(configuration.stateDir);
    undo.push(() => state.release());
    const token = await adminToken(state.path);
    const composition = await compose(configuration, state, logger);
    undo.push(() => composition.close());
    const server = await ApiServer.create(composition.services, {
      tokens: [
        { name: 'admin.token', role: 'admin', sha256: tokenDigest(token) },
        ...configuration.api.tokens,
      ],
      tokenStore: new TokenFile(state.path),
      allowedHosts: configuration.api.allowedHosts,
      allowedOrigins: configuration.api.allowedOrigins,
      tls: await readTls(configuration),
      logger,
    });
    undo.push(() => server.close(STOP_DEADLINE_MILLISECONDS));
    const { host, port } = await listen(server, configuration);
    await server.listenOnSocket(state.socketPath);
    const scheme = configuration.api.tls === null ? 'http' : 'https';
    const url = `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
    await state.announce({ url });
    return { url, socketPath: state.socketPath, stop: () => undo.unwind() };
  } catch (error) {
    await undo.unwind();
    throw error;
  }
}

async function listen(server: ApiServer, { listen: { host, port } }: Configuration) {
  try {
    return await server.listen(host, port);
  } catch (error) {
    throw new UnicoreError(
      'ADDRESS_UNAVAILABLE',
      `Cannot listen on ${host}:${port}: ${messageOf(error)}. Set UNICORE_LISTEN to another address.`,
      { cause: error },
    );
  }
}

async function readTls({ api: { tls } }: Configuration) {
  if (tls === null) return null;
  try {
    const [certificate, key] = await Promise.all([
      readFile(tls.certificate, 'utf8'),
      readFile(tls.key, 'utf8'),
    ]);
    return { certificate, key };
  } catch (error) {
    throw new UnicoreError('INVALID_CONFIGURATION_FILE', `api.tls: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
