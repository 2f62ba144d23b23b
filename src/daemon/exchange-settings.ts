// SPDX-License-Identifier: BSD-3-Clause
import { createPrivateKey, createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { ExchangeSettings } from '../build/registry/index.js';
import { messageOf, UnicoreError } from '../errors/index.js';
import type { Configuration } from './configuration-schema.js';

/**
 * The registries of the configuration, with keys (PEM, Ed25519) and certificates read from their files.
 * @throws INVALID_CONFIGURATION_FILE
 */
export async function loadExchangeSettings({
  exchange,
}: Pick<Configuration, 'exchange'>): Promise<ExchangeSettings> {
  const { registries, verification, signingKeyFile, publicKeyFiles } = exchange;
  return {
    registries: await Promise.all(
      registries.map(async ({ username = null, passwordFile = null, caFile, ...registry }) => ({
        ...registry,
        username,
        passwordFile,
        certificateAuthorities: caFile === undefined ? null : await readCertificates(caFile),
      })),
    ),
    signingKey:
      signingKeyFile === undefined ? null : await readKey(signingKeyFile, createPrivateKey),
    verification,
    publicKeys: await Promise.all(publicKeyFiles.map((file) => readKey(file, createPublicKey))),
  };
}

async function readCertificates(file: string): Promise<string> {
  try {
    const text = await readFile(file, 'utf8');
    // Throws if it is none.
    new X509Certificate(text);
    return text;
  } catch (error) {
    throw new UnicoreError(
      'INVALID_CONFIGURATION_FILE',
      `exchange: ${file} has no certificate in PEM form (${messageOf(error)}).`,
    );
  }
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
