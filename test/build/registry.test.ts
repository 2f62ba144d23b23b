// SPDX-License-Identifier: BSD-3-Clause
import { createHash, generateKeyPairSync, randomBytes, verify } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NO_BACKGROUND, type ImageManifest } from '../../src/build/image.js';
import { DirectoryImageStore } from '../../src/build/images/index.js';
import {
  OciImageExchange,
  type ExchangeSettings,
  type RegistrySettings,
} from '../../src/build/registry/index.js';
import { isUnicoreError } from '../../src/errors/index.js';
import { elfFile, PVH_NOTE } from '../support/elf-file.js';
import { recordingLogger } from '../support/logger.js';
import { HostileProxy } from '../support/registry/hostile-proxy.js';
import { CREDENTIALS, RealRegistry } from '../support/registry/registry.js';

let folder: string;
let registry: RealRegistry;
let proxy: HostileProxy;
let here: DirectoryImageStore;
let there: DirectoryImageStore;
let image: ImageManifest;

const open = (name: string): Promise<DirectoryImageStore> =>
  DirectoryImageStore.open({ directory: join(folder, name), logger: recordingLogger() });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unicore-exchange-'));
  registry = await RealRegistry.start();
  proxy = await HostileProxy.start(registry.host);
  here = await open('here');
  const file = join(folder, 'built');
  await writeFile(file, elfFile({ notes: [PVH_NOTE], content: randomBytes(300_000) }));
  const sizes = { code: 60, constants: 20, data: 10, bss: 10 };
  const facts = { version: '1.2', licence: 'BSD-3-Clause', sourcesHash: 'ab'.repeat(32) };
  ({ manifest: image } = await here.add(
    {
      app: null,
      target: null,
      architecture: 'x86_64',
      bootProtocols: ['pvh'],
      reportsReady: false,
      parks: false,
      minimumMemoryBytes: null,
      libraries: [{ name: 'libc', bytes: 100, sizes, ...facts }],
      configuration: 'CONFIG_LIBLIBC=y\n',
      inputsHash: 'ab',
      ...NO_BACKGROUND,
      compiler: 'gcc 12.2.0',
    },
    file,
    null,
  ));
});
afterAll(async () => {
  await proxy.stop();
  await registry.stop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await rm(join(folder, 'there'), { recursive: true, force: true });
  there = await open('there');
});
afterEach(() => {
  proxy.trouble = null;
  proxy.bearer = null;
  proxy.requests.length = 0;
});

function allowed(host: string, more: Partial<RegistrySettings> = {}): RegistrySettings {
  const base = { host, insecure: true, trustedHosts: [], certificateAuthorities: null };
  return { ...base, username: null, passwordFile: null, ...more };
}

function exchange(
  images: DirectoryImageStore,
  registries: readonly RegistrySettings[],
  more: Partial<ExchangeSettings> = {},
): OciImageExchange {
  const off = { signingKey: null, verification: 'off', publicKeys: [] } as const;
  const settings = { ...off, registries, ...more };
  return new OciImageExchange({ settings, images, maxImageBytes: 1024 * 1024 });
}

const silent = (): void => undefined;
const never = new AbortController().signal;
const push = (to: OciImageExchange, reference: string): Promise<string> =>
  to.push(image.digest, reference, silent, never);
const pull = (from: OciImageExchange, reference: string): Promise<ImageManifest> =>
  from.pull(reference, silent, never);
const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'none',
    (error: unknown) => (isUnicoreError(error) ? error.code : `foreign: ${String(error)}`),
  );

describe("Debian's docker-registry", () => {
  it('gives back what was pushed, with all that was known of it', async () => {
    const reference = `${registry.host}/team/hello:1`;
    const digest = await push(exchange(here, [allowed(registry.host)]), reference);
    const seen: number[] = [];
    const pulled = await exchange(there, [allowed(registry.host)]).pull(
      reference,
      (bytes, total) => seen.push(bytes, total),
      never,
    );
    const { libraries, configuration, compiler, bootProtocols } = image;
    expect(pulled).toMatchObject({
      ...{ digest: image.digest, libraries, configuration, compiler, bootProtocols },
      origin: 'imported',
      pulledFrom: `${registry.host}/team/hello@${digest}`,
    });
    expect(seen.slice(-2)).toEqual([image.bytes, image.bytes]);
    const original = await here.get(image.digest);
    const copy = await there.get(image.digest);
    expect(await readFile(copy.path)).toEqual(await readFile(original.path));
    // By its digest, too; and a second push is the same artifact.
    expect((await pull(exchange(there, [allowed(registry.host)]), pulled.pulledFrom!)).digest).toBe(
      image.digest,
    );
    expect(await push(exchange(here, [allowed(registry.host)]), reference)).toBe(digest);
  });

  it('holds an artifact that other tools can read: image, manifest and bill of materials', async () => {
    await push(exchange(here, [allowed(registry.host)]), `${registry.host}/team/hello:2`);
    const base = `http://${registry.host}/v2/team/hello`;
    const accept = 'application/vnd.oci.image.manifest.v1+json';
    const answer = await fetch(`${base}/manifests/2`, { headers: { accept } });
    const document = (await answer.json()) as {
      artifactType: string;
      layers: { mediaType: string; digest: string }[];
    };
    expect(document.artifactType).toBe('application/vnd.unicore.image.v1');
    const [kernel, sbom] = document.layers;
    expect(kernel?.digest).toBe(image.digest);
    const text = await (await fetch(`${base}/blobs/${sbom?.digest}`)).text();
    expect(`sha256:${createHash('sha256').update(text).digest('hex')}`).toBe(sbom?.digest);
    expect(JSON.parse(text)).toMatchObject({ spdxVersion: 'SPDX-2.3' });
  });

  it('says what it does not have', async () => {
    const from = exchange(there, [allowed(registry.host)]);
    expect(await codeOf(pull(from, `${registry.host}/team/hello:none`))).toBe(
      'UNKNOWN_REMOTE_IMAGE',
    );
    expect(await codeOf(pull(from, `${registry.host}/nobody/nothing`))).toBe(
      'UNKNOWN_REMOTE_IMAGE',
    );
  });

  it('with passwords, lets in who has one, and nobody else', async () => {
    const closed = await RealRegistry.start({ passwords: true });
    try {
      const passwordFile = join(folder, 'password');
      await writeFile(passwordFile, `${CREDENTIALS.password}\n`);
      const reference = `${closed.host}/team/hello:1`;
      const known = allowed(closed.host, { username: CREDENTIALS.username, passwordFile });
      await push(exchange(here, [known]), reference);
      expect((await pull(exchange(there, [known]), reference)).digest).toBe(image.digest);
      const stranger = exchange(there, [allowed(closed.host)]);
      expect(await codeOf(pull(stranger, reference))).toBe('REGISTRY_REFUSED');
      await writeFile(passwordFile, 'wrong');
      expect(await codeOf(pull(exchange(there, [known]), reference))).toBe('REGISTRY_REFUSED');
    } finally {
      await closed.stop();
    }
  });
});

describe('a registry behind a hostile proxy', () => {
  const reference = (): string => `${proxy.host}/team/hello:3`;
  const from = (): OciImageExchange => exchange(there, [allowed(proxy.host)]);

  beforeAll(async () => {
    await push(exchange(here, [allowed(registry.host)]), `${registry.host}/team/hello:3`);
  });

  it.each([
    { what: 'a flipped bit of the image', kind: 'flip', about: () => image.digest },
    { what: 'an image that goes on', kind: 'longer', about: () => image.digest },
    { what: 'a flipped bit of any blob', kind: 'flip', about: () => '/blobs/' },
    { what: 'a manifest that goes on', kind: 'longer', about: () => '/manifests/' },
  ] as const)('is caught at $what, and nothing is kept', async ({ kind, about }) => {
    proxy.trouble = { kind, about: new RegExp(about()) };
    expect(await codeOf(pull(from(), reference()))).toBe('REGISTRY_CONTENT_MISMATCH');
    expect(await there.list()).toEqual([]);
  });

  it('is caught at a wrong manifest for a digest', async () => {
    const digest = await push(exchange(here, [allowed(registry.host)]), `${registry.host}/x:1`);
    proxy.trouble = { kind: 'flip', about: /manifests/ };
    expect(await codeOf(pull(from(), `${proxy.host}/x@${digest}`))).toBe(
      'REGISTRY_CONTENT_MISMATCH',
    );
  });

  it.each(['/manifests/', '/blobs/'])(
    'that cuts the connection at %s is unavailable',
    async (at) => {
      proxy.trouble = { kind: 'cut', about: new RegExp(at) };
      expect(await codeOf(pull(from(), reference()))).toBe('REGISTRY_UNAVAILABLE');
      expect(await there.list()).toEqual([]);
    },
  );

  it('cannot send us anywhere else', async () => {
    for (const to of [`http://${registry.host}/v2/`, 'http://169.254.169.254/', 'file:///etc']) {
      proxy.trouble = { kind: 'redirect', about: /blobs/, to };
      expect(await codeOf(pull(from(), reference()))).toBe('REGISTRY_REFUSED');
    }
    proxy.trouble = { kind: 'redirect', about: /blobs/, to: '/v2/team/hello/blobs/round' };
    expect(await codeOf(pull(from(), reference()))).toBe('REGISTRY_UNAVAILABLE');
    proxy.trouble = null;
    expect((await pull(from(), reference())).digest).toBe(image.digest);
  });

  it('that wants a token gets one by our credentials, which go to its token service only', async () => {
    const passwordFile = join(folder, 'token-password');
    await writeFile(passwordFile, 'secret');
    const basic = `Basic ${Buffer.from('someone:secret').toString('base64')}`;
    proxy.bearer = { token: 'of-the-tests', basic };
    const known = allowed(proxy.host, { username: 'someone', passwordFile });
    expect((await pull(exchange(there, [known]), reference())).digest).toBe(image.digest);
    const scoped = proxy.requests.filter(({ authorization }) => authorization === basic);
    expect(scoped.map(({ path }) => path)).toEqual([
      `/token?service=tests&scope=${encodeURIComponent('repository:team/hello:pull')}`,
    ]);
    expect(await codeOf(pull(from(), reference()))).toBe('REGISTRY_REFUSED');
  });

  it('is left in the middle when the transfer is cancelled', async () => {
    const controller = new AbortController();
    const transfer = from().pull(
      reference(),
      () => controller.abort(new Error('enough')),
      controller.signal,
    );
    await expect(transfer).rejects.toThrow('enough');
    expect(await there.list()).toEqual([]);
  });
});

describe('what may be asked for', () => {
  it('is in registries of the configuration only', async () => {
    const other = exchange(there, [allowed(registry.host)]);
    expect(await codeOf(pull(other, 'registry.example.org/hello:1'))).toBe('REGISTRY_NOT_ALLOWED');
    expect(await codeOf(pull(exchange(there, []), `${registry.host}/x`))).toBe(
      'REGISTRY_NOT_ALLOWED',
    );
    for (const bad of ['hello', 'host/../x', 'host/x:', 'host/X', 'u@host/x', `h/x@sha256:12`]) {
      expect(await codeOf(pull(other, bad))).toBe('INVALID_REFERENCE');
    }
  });

  it('is not larger than we take', async () => {
    const { host } = registry;
    await push(exchange(here, [allowed(host)]), `${host}/team/hello:4`);
    const off = { signingKey: null, verification: 'off', publicKeys: [] } as const;
    const settings = { registries: [allowed(host)], ...off };
    const small = new OciImageExchange({ settings, images: there, maxImageBytes: 1000 });
    expect(await codeOf(pull(small, `${host}/team/hello:4`))).toBe('BODY_TOO_LARGE');
  });

  it('is no other artifact than an image', async () => {
    const body = Buffer.from('{}');
    const digest = `sha256:${createHash('sha256').update(body).digest('hex')}`;
    const base = `http://${registry.host}/v2/other`;
    const begun = await fetch(`${base}/blobs/uploads/`, { method: 'POST' });
    const upload = new URL(begun.headers.get('location')!);
    upload.searchParams.set('digest', digest);
    await fetch(upload, { method: 'PUT', body });
    const config = { mediaType: 'application/vnd.oci.image.config.v1+json', digest, size: 2 };
    const type = 'application/vnd.oci.image.manifest.v1+json';
    const put = await fetch(`${base}/manifests/1`, {
      method: 'PUT',
      headers: { 'content-type': type },
      body: JSON.stringify({ schemaVersion: 2, mediaType: type, config, layers: [] }),
    });
    expect(put.status).toBe(201);
    const from = exchange(there, [allowed(registry.host)]);
    expect(await codeOf(pull(from, `${registry.host}/other:1`))).toBe('REGISTRY_CONTENT_MISMATCH');
  });
});

describe('signatures', () => {
  const keys = generateKeyPairSync('ed25519');
  const others = generateKeyPairSync('ed25519');
  const strict = (publicKeys: ExchangeSettings['publicKeys']): OciImageExchange =>
    exchange(there, [allowed(registry.host)], { verification: 'require', publicKeys });

  it('made at a push by a trusted key let a pull through, and no others do', async () => {
    const reference = `${registry.host}/signed/hello:1`;
    const signing = exchange(here, [allowed(registry.host)], { signingKey: keys.privateKey });
    await push(signing, reference);
    expect(await codeOf(pull(strict([others.publicKey]), reference))).toBe('SIGNATURE_MISSING');
    expect(await there.list()).toEqual([]);
    const trusted = strict([others.publicKey, keys.publicKey]);
    expect((await pull(trusted, reference)).digest).toBe(image.digest);
  });

  it('are needed where the configuration says so', async () => {
    const reference = `${registry.host}/unsigned/hello:1`;
    await push(exchange(here, [allowed(registry.host)]), reference);
    expect(await codeOf(pull(strict([keys.publicKey]), reference))).toBe('SIGNATURE_MISSING');
  });

  it('are where cosign looks for them, in its format', async () => {
    const signing = exchange(here, [allowed(registry.host)], { signingKey: keys.privateKey });
    const digest = await push(signing, `${registry.host}/signed/hello:2`);
    const base = `http://${registry.host}/v2/signed/hello`;
    const accept = 'application/vnd.oci.image.manifest.v1+json';
    const tag = `${digest.replace(':', '-')}.sig`;
    const answer = await fetch(`${base}/manifests/${tag}`, { headers: { accept } });
    const { layers } = (await answer.json()) as {
      layers: { digest: string; annotations: Record<string, string> }[];
    };
    const [layer] = layers;
    const payload = Buffer.from(
      await (await fetch(`${base}/blobs/${layer?.digest}`)).arrayBuffer(),
    );
    const signature = layer?.annotations['dev.cosignproject.cosign/signature'] ?? '';
    expect(verify(null, payload, keys.publicKey, Buffer.from(signature, 'base64'))).toBe(true);
    expect(JSON.parse(payload.toString())).toMatchObject({
      critical: {
        type: 'cosign container image signature',
        image: { 'docker-manifest-digest': digest },
      },
    });
  });
});
