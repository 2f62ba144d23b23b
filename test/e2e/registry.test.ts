// SPDX-License-Identifier: BSD-3-Clause
import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BuildDocument, ImageDocument } from '../../src/wire/index.js';
import { certify, makeAuthority } from '../support/registry/certificates.js';
import { CREDENTIALS, RealRegistry } from '../support/registry/registry.js';
import { TokenService } from '../support/registry/token-service.js';
import { RunningDaemon } from '../support/running-daemon.js';

const COMMAND = join(import.meta.dirname, '../../dist/cli/main.js');
const TARGET = 'linuxu-x86_64';

let folder: string;
let withPasswords: RealRegistry;
let withTokens: RealRegistry;
let tokens: TokenService;
/** Builds, signs and pushes. */
let builder: RunningDaemon;
/** Takes only what the builder signed. */
let strict: RunningDaemon;
/** Takes only what somebody else signed, and knows nobody's password. */
let stranger: RunningDaemon;
let image: string;

/** Runs `unicore` against a daemon: what it says, whether it succeeds or not. */
async function unicore(daemon: RunningDaemon, ...args: readonly string[]): Promise<string> {
  const env = { PATH: process.env.PATH, UNICORE_STATE_DIR: daemon.stateDir };
  const run = promisify(execFile)(process.execPath, [COMMAND, ...args], { env });
  const { stdout, stderr } = await run.catch((error: unknown) => {
    return error as { stdout: string; stderr: string };
  });
  return stdout + stderr;
}

async function build(daemon: RunningDaemon, greeting: string): Promise<string> {
  const set = `APPHELLOWORLD_GREETING=${greeting}`;
  const said = await unicore(daemon, 'build', 'helloworld', '-t', TARGET, '-s', set, '--json');
  return (JSON.parse(said) as BuildDocument).targets[0]?.image ?? said;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unicore-registry-e2e-'));
  const authority = await makeAuthority(folder, 'authority');
  const other = await makeAuthority(folder, 'other');
  const tls = await certify(folder, 'registry', authority);
  tokens = await TokenService.start(tls, authority, CREDENTIALS);
  withPasswords = await RealRegistry.start({ tls, passwords: true });
  withTokens = await RealRegistry.start({ tls, tokens });

  const file = async (name: string, text: string | Buffer): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, text, { mode: 0o600 });
    return path;
  };
  const password = await file('password', CREDENTIALS.password);
  const keys = generateKeyPairSync('ed25519');
  const others = generateKeyPairSync('ed25519');
  const signingKey = keys.privateKey.export({ type: 'pkcs8', format: 'pem' });
  const trust = async (name: string, { publicKey }: typeof keys): Promise<string> => {
    const path = await file(name, publicKey.export({ type: 'spki', format: 'pem' }));
    return `[exchange]\nverification = "require"\npublicKeyFiles = ["${path}"]\n`;
  };
  const registry = (host: string, caFile: string, more = ''): string =>
    `[[exchange.registries]]\nhost = "${host}"\ncaFile = "${caFile}"\n${more}`;
  const known = `username = "${CREDENTIALS.username}"\npasswordFile = "${password}"\n`;
  const trusted = [
    registry(withPasswords.host, authority.certificate, known),
    registry(withTokens.host, authority.certificate, `${known}trustedHosts = ["${tokens.host}"]\n`),
  ].join('');
  const signs = `[exchange]\nsigningKeyFile = "${await file('signing', signingKey)}"\n`;
  builder = await RunningDaemon.launch({ toml: signs + trusted });
  strict = await RunningDaemon.launch({ toml: (await trust('trusted', keys)) + trusted });
  const untrusted = [
    registry(withTokens.host, authority.certificate, known),
    registry(withPasswords.host, authority.certificate),
    // The same registry by another name.
    registry(`localhost:${withPasswords.port}`, other.certificate, known),
    `[[exchange.registries]]\nhost = "localhost:${withTokens.port}"\n`,
  ].join('');
  stranger = await RunningDaemon.launch({ toml: (await trust('others', others)) + untrusted });
  image = await build(builder, 'from afar');
});
afterAll(async () => {
  for (const daemon of [builder, strict, stranger]) {
    await daemon.end('SIGTERM');
    await rm(daemon.directory, { recursive: true });
  }
  await tokens.stop();
  await withPasswords.stop();
  await withTokens.stop();
  await rm(folder, { recursive: true });
});

const imagesOf = async (daemon: RunningDaemon): Promise<readonly ImageDocument[]> => {
  const said = await unicore(daemon, 'images', 'ls', '--json');
  return JSON.parse(said) as ImageDocument[];
};

test('an image goes by TLS and password from one daemon to another, which runs it', async () => {
  const reference = `${withPasswords.host}/team/hello:1`;
  expect(await unicore(builder, 'images', 'push', image, reference)).toContain('pushed');
  expect(await unicore(strict, 'images', 'pull', reference)).toContain('pulled');
  const [pulled] = await imagesOf(strict);
  expect(pulled).toMatchObject({ digest: image, origin: 'imported', app: 'helloworld' });
  expect(pulled?.pulledFrom).toMatch(`${withPasswords.host}/team/hello@sha256:`);
  expect(await unicore(strict, 'run', image, '--attach')).toContain('from afar\n');
});

test('a registry with a token service on another trusted host is asked by its tokens', async () => {
  const reference = `${withTokens.host}/team/hello:1`;
  expect(await unicore(builder, 'images', 'push', image, reference)).toContain('pushed');
  expect(tokens.granted).toContain('repository:team/hello:pull,push');
  expect(await unicore(strict, 'images', 'pull', reference)).toContain('pulled');
  expect(tokens.granted.at(-1)).toBe('repository:team/hello:pull');
  const sentElsewhere = await unicore(stranger, 'images', 'pull', reference);
  expect(sentElsewhere).toContain('trustedHosts');
  expect(sentElsewhere).toContain(tokens.host);
});

test('what the registry has changed is refused, and nothing of it is kept', async () => {
  const damaged = await build(builder, 'damaged');
  const reference = `${withPasswords.host}/team/damaged:1`;
  await unicore(builder, 'images', 'push', damaged, reference);
  withPasswords.corrupt(damaged);
  expect(await unicore(strict, 'images', 'pull', reference)).toContain(
    'is not what it should be: its content has the digest',
  );
  expect((await imagesOf(strict)).map(({ digest }) => digest)).not.toContain(damaged);
});

test('only what a trusted key has signed is taken', async () => {
  const reference = `${withPasswords.host}/team/hello:2`;
  await unicore(builder, 'images', 'push', image, reference);
  // The strict daemon has no key to sign with.
  const unsigned = `${withPasswords.host}/team/unsigned:1`;
  expect(await unicore(strict, 'images', 'push', await build(strict, 'x'), unsigned)).toContain(
    'pushed',
  );
  expect(await unicore(strict, 'images', 'pull', unsigned)).toContain('has no signature.');
  const trustsOthers = await RunningDaemon.launch({
    toml: `[exchange]
verification = "require"
publicKeyFiles = ["${join(folder, 'others')}"]
[[exchange.registries]]
host = "${withPasswords.host}"
caFile = "${join(folder, 'authority.pem')}"
username = "${CREDENTIALS.username}"
passwordFile = "${join(folder, 'password')}"
`,
  });
  try {
    expect(await unicore(trustsOthers, 'images', 'pull', reference)).toContain(
      'has no signature by a key that is trusted',
    );
    expect(await imagesOf(trustsOthers)).toEqual([]);
  } finally {
    await trustsOthers.end('SIGTERM');
    await rm(trustsOthers.directory, { recursive: true });
  }
});

test('who is not known, or does not know the registry, is told so', async () => {
  const noPassword = await unicore(stranger, 'images', 'pull', `${withPasswords.host}/team/hello`);
  expect(noPassword).toContain('it wants a user name and a password');
  for (const { port } of [withPasswords, withTokens]) {
    // With the wrong authority, and with only the usual ones.
    const said = await unicore(stranger, 'images', 'pull', `localhost:${port}/team/hello:1`);
    expect(said).toContain('is from no authority that is trusted');
    expect(said).toContain('caFile');
  }
});
