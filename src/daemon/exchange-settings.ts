// SPDX-License-Identifier: BSD-3-Clause
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { ExchangeSettings } from '../build/registry/index.js';
import { messageOf, UnicoreError } from '../errors/index.js';
import type { Configuration } from './configuration-schema.js';

/**
 * The registries of the configuration, with the keys read from their files (PEM, Ed25519).
 * @throws INVALID_CONFIGURATION_FILE
 */
export async function loadExchangeSettings({
  exchange,
}: Pick<Configuration, 'exchange'>): Promise<ExchangeSettings> {
  const { registries, verification, signingKeyFile, publicKeyFiles } = exchange;
  return {
    registries: registries.map(({ username = null, passwordFile = null, ...registry }) => ({
      ...registry,
      username,
      passwordFile,
    })),
    signingKey:
      signingKeyFile === undefined ? null : await readKey(signingKeyFile, createPrivateKey),
    verification,
    publicKeys: await Promise.all(publicKeyFiles.map((file) => readKey(file, createPublicKey))),
  };
}

async function readKey(file: string, parse: (pem: string) => KeyObject): Promise<KeyObject> {
  try {
    const key = parse(await readFile(file, 'utf8'));
    if (key.asymmetricKeyType === 'ed25519') return key;
    throw new Error(`it is ${key.asymmetricKeyType ?? 'no'} key`);
  } catch (error) {
    throw new UnicoreError(
      'INVALID_CONFIGURATION_FILE',
      `exchange: ${file} is not an Ed25519 key in PEM form (${messageOf(error)}). Make one by: openssl genpkey -algorithm ed25519`,
    );
  }
}
