// SPDX-License-Identifier: BSD-3-Clause
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { configurationSchema } from '../../../src/daemon/configuration-schema.js';
import { loadExchangeSettings } from '../../../src/daemon/exchange-settings.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unicore-exchange-'));
});
afterAll(() => rm(folder, { recursive: true }));

const parse = (exchange: unknown) =>
  configurationSchema.safeParse({
    stateDir: '/var/lib/unicore',
    poolsDir: '/pools',
    listen: '127.0.0.1:0',
    logLevel: 'info',
    exchange,
  });

test('no registry is spoken to unless it is named', async () => {
  const { data } = parse(undefined);
  expect(await loadExchangeSettings(data!)).toMatchObject({ registries: [], verification: 'off' });
});

test.each([
  { registries: [{ host: 'registry.example.org', insecure: true }] },
  { registries: [{ host: 'a.example' }, { host: 'a.example' }] },
  { registries: [{ host: 'https://a.example/' }] },
  { verification: 'require' },
])('refuses %j', (exchange) => {
  expect(parse(exchange).success).toBe(false);
});

test('reads Ed25519 keys, and says of others what they are', async () => {
  const pem = async (name: string, text: string | Buffer) => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  const good = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const { data } = parse({
    registries: [{ host: '127.0.0.1:5000', insecure: true }],
    verification: 'require',
    signingKeyFile: await pem('private', good.privateKey),
    publicKeyFiles: [await pem('public', good.publicKey)],
  });
  const settings = await loadExchangeSettings(data!);
  expect(settings.registries).toMatchObject([{ host: '127.0.0.1:5000', username: null }]);
  expect(settings.publicKeys).toHaveLength(1);
  const noCertificate = [{ host: 'a.example', caFile: join(folder, 'public') }];
  await expect(loadExchangeSettings(parse({ registries: noCertificate }).data!)).rejects.toThrow(
    'has no certificate in PEM form',
  );
  const wrong = await pem('rsa', publicKey.export({ type: 'spki', format: 'pem' }));
  await expect(
    loadExchangeSettings(parse({ publicKeyFiles: [wrong] }).data!),
  ).rejects.toMatchObject({ code: 'INVALID_CONFIGURATION_FILE' });
});
