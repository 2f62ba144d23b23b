// SPDX-License-Identifier: BSD-3-Clause
import { readFile } from 'node:fs/promises';
import type { Response } from 'undici';
import { z } from 'zod';
import { messageOf, UnicoreError } from '../../errors/index.js';
import { collect } from './bounded-body.js';
import type { RegistrySettings } from './registry-settings.js';

/** What a registry wants to see, from its WWW-Authenticate header. */
export type Challenge =
  | { readonly scheme: 'basic' }
  | { readonly scheme: 'bearer'; readonly realm: string; readonly service: string | null };

/** Fetches for a token; only hosts that the registry's settings allow are asked. */
export type TokenFetch = (url: URL, headers: Record<string, string>) => Promise<Response>;

const MOST_HEADER = 4_096;
const MOST_TOKEN_ANSWER = 65_536;
const tokenAnswer = z.union([
  z.object({ token: z.string().min(1) }).transform(({ token }) => token),
  z.object({ access_token: z.string().min(1) }).transform((answer) => answer.access_token),
]);

/** Source: RFC 9110, 11.6.1, and the token authentication of the distribution project. Null for schemes that we do not speak. */
export function parseChallenge(header: string | null): Challenge | null {
  const [, scheme = '', rest = ''] =
    /^(\w+)\s*(.*)$/.exec((header ?? '').slice(0, MOST_HEADER)) ?? [];
  if (scheme.toLowerCase() === 'basic') return { scheme: 'basic' };
  if (scheme.toLowerCase() !== 'bearer') return null;
  const parameters = new Map(
    [...rest.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]),
  );
  const realm = parameters.get('realm');
  return realm === undefined
    ? null
    : { scheme: 'bearer', realm, service: parameters.get('service') ?? null };
}

/**
 * The Authorization header that answers a challenge. `actions` is what is to be done in the repository, as in `pull,push`.
 * @throws REGISTRY_REFUSED
 */
export async function authorize(
  challenge: Challenge | null,
  settings: RegistrySettings,
  scope: { readonly repository: string; readonly actions: string },
  fetchToken: TokenFetch,
): Promise<string> {
  const { host } = settings;
  const basic = await basicCredentials(settings);
  if (challenge?.scheme === 'bearer') {
    const url = realmOf(challenge.realm, host);
    if (challenge.service !== null) url.searchParams.set('service', challenge.service);
    url.searchParams.set('scope', `repository:${scope.repository}:${scope.actions}`);
    const response = await fetchToken(url, basic === null ? {} : { authorization: basic });
    if (response.status !== 200 || response.body === null) {
      await response.body?.cancel();
      throw refused(host, `its token service answered ${response.status}`);
    }
    const body = await collect(response.body, MOST_TOKEN_ANSWER);
    const token = tokenAnswer.safeParse(parseJson(body.toString('utf8')));
    if (!token.success) throw refused(host, 'its token service gave no token');
    return `Bearer ${token.data}`;
  }
  if (challenge?.scheme === 'basic' && basic !== null) return basic;
  throw refused(
    host,
    challenge === null
      ? 'it wants a sort of authentication that is not known'
      : 'it wants a user name and a password: set username and passwordFile of the registry in the configuration',
  );
}

async function basicCredentials(settings: RegistrySettings): Promise<string | null> {
  const { username, passwordFile, host } = settings;
  if (username === null || passwordFile === null) return null;
  try {
    const password = (await readFile(passwordFile, 'utf8')).replace(/\r?\n$/, '');
    return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  } catch (error) {
    throw refused(host, `its password file cannot be read: ${messageOf(error)}`);
  }
}

function realmOf(text: string, host: string): URL {
  if (URL.canParse(text)) return new URL(text);
  throw refused(host, 'its token service has no address');
}

function refused(host: string, why: string): UnicoreError {
  return new UnicoreError('REGISTRY_REFUSED', `The registry ${host} gives no access: ${why}.`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
