// SPDX-License-Identifier: BSD-3-Clause
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { CommandError, EXIT } from '../exit-codes.js';

/** Where the daemon is, and the token to speak to it with. */
export interface Endpoint {
  /** `http://host:port` or `https://…`. */
  readonly url: URL;
  /** A Unix socket to connect to instead of the URL's host. */
  readonly socketPath: string | null;
  readonly token: string;
  /** Where others reach the daemon; the URL itself, or what the daemon has noted in its state directory. */
  readonly publicUrl: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The daemon of UNICORE_URL and UNICORE_TOKEN (or UNICORE_TOKEN_FILE), else the one of the state directory, over its Unix
 * socket and with its admin token.
 */
export function findEndpoint(environment: Environment): Endpoint {
  const stateDir = stateDirectoryOf(environment);
  const url = environment.UNICORE_URL;
  if (url !== undefined && url !== '') {
    const parsed = URL.parse(url);
    if (parsed === null || !['http:', 'https:'].includes(parsed.protocol)) {
      throw new CommandError(
        'UNICORE_URL must be http://host:port or https://host:port',
        EXIT.usage,
      );
    }
    return {
      url: parsed,
      socketPath: null,
      token: tokenOf(environment, stateDir),
      publicUrl: parsed.href,
    };
  }
  const socketPath = join(stateDir, 'unicored.sock');
  return {
    url: new URL('http://localhost'),
    socketPath,
    token: tokenOf(environment, stateDir),
    publicUrl: notedUrl(stateDir) ?? socketPath,
  };
}

const noteSchema = z.object({ url: z.url() });

/** What the daemon noted when it began to listen. */
function notedUrl(stateDir: string): string | null {
  try {
    const text = readFileSync(join(stateDir, 'unicored.json'), 'utf8');
    return noteSchema.parse(JSON.parse(text)).url;
  } catch {
    return null; // it does not listen; whoever calls it will be told
  }
}

function tokenOf(environment: Environment, stateDir: string): string {
  const given = environment.UNICORE_TOKEN;
  if (given !== undefined && given !== '') return given.trim();
  const file = environment.UNICORE_TOKEN_FILE ?? join(stateDir, 'admin.token');
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === 'EACCES' ? 'it is not yours to read' : 'it is not there';
    throw new CommandError(
      `No token: ${file}: ${reason}. Start the daemon, or set UNICORE_STATE_DIR, or UNICORE_URL and UNICORE_TOKEN.`,
      code === 'EACCES' ? EXIT.refused : EXIT.unreachable,
    );
  }
}

/** The same default as the daemon's. */
function stateDirectoryOf(environment: Environment): string {
  const given = environment.UNICORE_STATE_DIR;
  if (given !== undefined && given !== '') return given;
  if (process.getuid?.() === 0) return '/var/lib/unicore';
  return join(environment.XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'unicore');
}
