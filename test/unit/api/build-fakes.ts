// SPDX-License-Identifier: BSD-3-Clause
import { createHash, randomUUID } from 'node:crypto';
import {
  NO_BACKGROUND,
  type ImageDigest,
  type ImageManifest,
  type StoredImage,
} from '../../../src/build/image.js';
import type { MenuEntry } from '../../../src/build/menu.js';
import type {
  Application,
  Build,
  BuildLogChunk,
  Builder,
  BuildRequest,
  Catalogue,
  CollectionReport,
  Collector,
  Configurator,
  ImageStore,
  Library,
  Source,
  SourceDigest,
  SourceStore,
} from '../../../src/build/ports.js';
import { UnicoreError } from '../../../src/errors/index.js';

const now = () => new Date().toISOString();

const HELLO: Application = {
  name: 'helloworld',
  summary: 'Prints a line',
  help: 'Prints a line and exits.',
  targets: ['kvm-x86_64', 'linuxu-x86_64'],
  defaults: { APPHELLO: 'y' },
};
const ALLOC: Library = {
  name: 'alloc_buddy',
  symbol: 'LIBALLOC_BUDDY',
  pool: 'lib',
  summary: 'Buddy allocator',
  help: 'Power-of-two blocks.',
};

export class FakeCatalogue implements Catalogue {
  libraries() {
    return Promise.resolve([ALLOC]);
  }
  async library(name: string) {
    const found = (await this.libraries()).find((each) => each.name === name);
    if (found === undefined) throw new UnicoreError('UNKNOWN_LIBRARY', `There is no ${name}.`);
    return found;
  }
  applications() {
    return Promise.resolve([HELLO]);
  }
  async application(name: string) {
    const found = (await this.applications()).find((each) => each.name === name);
    if (found === undefined) throw new UnicoreError('UNKNOWN_APP', `There is no ${name}.`);
    return found;
  }
}

export const fakeConfigurator: Configurator = {
  graph({ target }) {
    const selectedBy = [{ symbol: 'APPHELLO', library: 'app/helloworld' }];
    const library = { library: 'lib/alloc_buddy', symbol: 'LIBALLOC_BUDDY', selectedBy };
    return Promise.resolve({ target, libraries: [{ ...library, why: 'selected' }] });
  },
  menu({ target, symbols }) {
    const entry: MenuEntry = {
      ...{ kind: 'config', prompt: 'Greeting', help: null, visible: true, dependsOn: null },
      ...{
        symbol: 'GREETING',
        type: 'string',
        value: symbols.GREETING ?? 'Hello',
        default: 'Hello',
      },
      ...{ allowed: null, range: null, chosen: 'GREETING' in symbols, selectedBy: [], entries: [] },
    };
    const menu: MenuEntry = {
      ...{ ...entry, kind: 'menu', prompt: 'Application', symbol: null, type: null, value: null },
      ...{ default: null, entries: [entry] },
    };
    return Promise.resolve({ target, title: 'Unicore', entries: [menu], defconfig: '' });
  },
  explain({ target }, symbol) {
    const reasons = [{ kind: 'select', text: 'selected by APPHELLO (APPHELLO)', position: null }];
    const turnOn = [{ symbol: 'LIBALLOC', value: 'y' }];
    return Promise.resolve({ target, symbol, value: 'n', reasons, unmet: ['LIBALLOC'], turnOn });
  },
  resolve({ target, symbols }) {
    if ('NO_SUCH' in symbols) {
      return Promise.reject(new UnicoreError('UNKNOWN_SYMBOL', 'There is no NO_SUCH.'));
    }
    return Promise.resolve({
      target,
      config: `CONFIG_FOR="${target}"\n`,
      libraries: [`plat_${target.split('-')[0] ?? ''}`, 'alloc_buddy'],
      warnings: [],
    });
  },
};

export class FakeBuilder implements Builder {
  readonly builds = new Map<string, Build>();
  readonly requests: BuildRequest[] = [];
  readonly logs = new Map<string, readonly BuildLogChunk[]>();
  readonly #listeners = new Set<(build: Build) => void>();

  async submit(request: BuildRequest): Promise<Build> {
    this.requests.push(request);
    if (request.source === undefined) await new FakeCatalogue().application(request.app);
    const build: Build = {
      id: randomUUID(),
      app: request.app,
      source: request.source ?? null,
      phase: 'running',
      targets: request.targets.map((target) => ({
        target,
        phase: 'running',
        image: null,
        cached: false,
        error: null,
        progress: null,
        warnings: [],
      })),
      createdAt: now(),
      startedAt: now(),
      finishedAt: null,
    };
    this.builds.set(build.id, build);
    this.logs.set(build.id, [
      { offset: 0, text: 'CC main.c\n' },
      { offset: 10, text: 'LD helloworld\n' },
    ]);
    return build;
  }
  wait(id: string, signal?: AbortSignal): Promise<Build> {
    return new Promise((_resolve, reject) => {
      void this.get(id).catch(reject);
      signal?.addEventListener('abort', () => {
        reject(signal.reason as Error);
      });
    });
  }
  get(id: string): Promise<Build> {
    const build = this.builds.get(id);
    return build === undefined
      ? Promise.reject(new UnicoreError('UNKNOWN_BUILD', `There is no build ${id}.`))
      : Promise.resolve(build);
  }
  list() {
    return Promise.resolve([...this.builds.values()].reverse());
  }
  async cancel(id: string): Promise<Build> {
    const build: Build = { ...(await this.get(id)), phase: 'cancelled', finishedAt: now() };
    this.builds.set(id, build);
    for (const listener of this.#listeners) listener(build);
    return build;
  }
  async *log(id: string, fromOffset: number): AsyncGenerator<BuildLogChunk> {
    await this.get(id);
    for (const chunk of this.logs.get(id) ?? []) if (chunk.offset >= fromOffset) yield chunk;
  }
  onProgress() {
    return () => undefined;
  }
  onChange(listener: (build: Build) => void) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

export class FakeImages implements ImageStore {
  readonly images = new Map<ImageDigest, ImageManifest>();
  received = 0;

  get(digest: ImageDigest): Promise<StoredImage> {
    const manifest = this.images.get(digest);
    return manifest === undefined
      ? Promise.reject(new UnicoreError('UNKNOWN_IMAGE', `There is no image ${digest}.`))
      : Promise.resolve({ manifest, path: '/nowhere' });
  }
  list() {
    return Promise.resolve([...this.images.values()].reverse());
  }
  async import(source: AsyncIterable<Uint8Array>): Promise<StoredImage> {
    const hash = createHash('sha256');
    let first: Uint8Array | null = null;
    this.received = 0;
    for await (const chunk of source) {
      first ??= chunk;
      this.received += chunk.length;
      hash.update(chunk);
    }
    if (first === null || Buffer.from(first.subarray(0, 4)).toString('latin1') !== '\x7fELF') {
      throw new UnicoreError('NOT_A_UNIKERNEL', 'The file is no ELF file.');
    }
    const manifest = imageManifest(`sha256:${hash.digest('hex')}`, this.received);
    this.images.set(manifest.digest, manifest);
    return { manifest, path: '/nowhere' };
  }
  async delete(digest: ImageDigest) {
    await this.get(digest);
    this.images.delete(digest);
  }
}

function imageManifest(digest: ImageDigest, bytes: number): ImageManifest {
  return {
    digest,
    bytes,
    app: null,
    target: null,
    architecture: 'x86_64',
    bootProtocols: ['pvh'],
    reportsReady: false,
    parks: false,
    minimumMemoryBytes: null,
    libraries: [],
    configuration: null,
    inputsHash: null,
    ...NO_BACKGROUND,
    origin: 'imported',
    createdAt: now(),
  };
}

/** Removes nothing, and says that it removed one image. */
export class FakeCollector implements Collector {
  readonly asked: boolean[] = [];

  collect({ dryRun = false } = {}): Promise<CollectionReport> {
    this.asked.push(dryRun);
    const none = { count: 0, bytes: 0 };
    return Promise.resolve({
      dryRun,
      images: [{ digest: `sha256:${'a'.repeat(64)}`, bytes: 4096 }],
      ...{ debugFiles: none, builds: { count: 2, bytes: 10 }, objects: none, freedBytes: 4106 },
    });
  }
}

/** Takes every archive for an application. */
export class FakeSources implements SourceStore {
  readonly sources = new Map<SourceDigest, Source>();
  readonly compressions: string[] = [];

  async add(archive: AsyncIterable<Uint8Array>, compression: 'gzip' | 'zstd'): Promise<Source> {
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of archive) {
      hash.update(chunk);
      bytes += chunk.length;
    }
    this.compressions.push(compression);
    const digest: SourceDigest = `sha256:${hash.digest('hex')}`;
    const source = { digest, app: 'mine', summary: 'for tests', files: 1, bytes, createdAt: now() };
    this.sources.set(digest, source);
    return source;
  }
  get(digest: SourceDigest): Promise<Source> {
    const source = this.sources.get(digest);
    return source === undefined
      ? Promise.reject(new UnicoreError('UNKNOWN_SOURCE', `There is no source ${digest}.`))
      : Promise.resolve(source);
  }
  list() {
    return Promise.resolve([...this.sources.values()]);
  }
  async delete(digest: SourceDigest) {
    await this.get(digest);
    this.sources.delete(digest);
  }
}
