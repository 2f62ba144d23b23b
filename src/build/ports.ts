// SPDX-License-Identifier: BSD-3-Clause
import type { ImageDigest, ImageManifest, StoredImage } from './image.js';
import type { ConfigurationMenu } from './menu.js';
import type { Target } from './target.js';

/** A micro-library, as its folder in the pools describes it. */
export interface Library {
  readonly name: string;
  /** Its Kconfig symbol, without `CONFIG_`. */
  readonly symbol: string;
  readonly pool: 'arch' | 'plat' | 'lib' | 'ext';
  /** The symbol's prompt. */
  readonly summary: string;
  readonly help: string;
}

/** An application of the pools. */
export interface Application {
  readonly name: string;
  readonly summary: string;
  readonly help: string;
  readonly targets: readonly Target[];
  /** The symbols that the application's defconfig sets: `[symbol, value]`. */
  readonly defaults: Readonly<Record<string, string>>;
}

/** What the pools hold. Read from disk; cheap to ask again. */
export interface Catalogue {
  libraries(): Promise<readonly Library[]>;
  /** @throws UNKNOWN_LIBRARY */
  library(name: string): Promise<Library>;
  applications(): Promise<readonly Application[]>;
  /** @throws UNKNOWN_APP */
  application(name: string): Promise<Application>;
}

/** SHA-256 of an uploaded application's files. */
export type SourceDigest = `sha256:${string}`;

/** An application that was uploaded. */
export interface Source {
  readonly digest: SourceDigest;
  /** What it calls itself. An application of the pools of that name is another one. */
  readonly app: string;
  readonly summary: string;
  readonly files: number;
  readonly bytes: number;
  readonly createdAt: string;
}

/** Uploaded applications, by content. */
export interface SourceStore {
  /**
   * Takes in an archive: tar, compressed; an application's folder, perhaps within one other.
   * @throws INVALID_ARCHIVE, ARCHIVE_TOO_LARGE, BODY_TOO_LARGE, INVALID_SOURCE, CONFIGURATION_FAILED, SANDBOX_UNAVAILABLE, QUEUE_FULL
   */
  add(archive: AsyncIterable<Uint8Array>, compression: 'gzip' | 'zstd'): Promise<Source>;
  /** @throws UNKNOWN_SOURCE */
  get(digest: SourceDigest): Promise<Source>;
  /** Newest first. */
  list(): Promise<readonly Source[]>;
  /** @throws UNKNOWN_SOURCE, SOURCE_IN_USE */
  delete(digest: SourceDigest): Promise<void>;
}

/** What a configuration is asked to be: symbols without `CONFIG_`, values as they stand in a `.config` (`y`, `42`, `text`). */
export interface ConfigurationRequest {
  /** Its name in the pools. With `source` it does not matter. */
  readonly app: string;
  /** The upload that the application is, if it is not one of the pools. */
  readonly source?: SourceDigest | undefined;
  readonly target: Target;
  readonly symbols: Readonly<Record<string, string>>;
}

/** A symbol that was asked for and did not come out as asked. */
export interface ConfigurationWarning {
  readonly symbol: string;
  /** What it needs (an expression), or null if that is not the reason. */
  readonly needs: string | null;
  readonly message: string;
}

export interface ResolvedConfiguration {
  readonly target: Target;
  /** The whole `.config`. */
  readonly config: string;
  /** Names of the libraries that it selects. */
  readonly libraries: readonly string[];
  readonly warnings: readonly ConfigurationWarning[];
}

/** Why a symbol has its value in a configuration, and what would turn it on. */
export interface SymbolExplanation {
  readonly target: Target;
  readonly symbol: string;
  readonly value: string;
  /** In the order in which they take effect: `select`, `default`, `user` and others, each with where it stands. */
  readonly reasons: readonly {
    readonly kind: string;
    readonly text: string;
    readonly position: string | null;
  }[];
  /** Terms of its dependencies that are n at present. */
  readonly unmet: readonly string[];
  /** The fewest changes that were found to turn it on, which was checked; empty if it is on, null if none was found. */
  readonly turnOn: readonly { readonly symbol: string; readonly value: string }[] | null;
}

/** A library of a configuration, and why it is there. Folders are relative to the pools, as in `lib/alloc`. */
export interface SelectedLibrary {
  readonly library: string;
  readonly symbol: string;
  /** The user or the application's defaults set it, another symbol selects it, or it is on by its own default. */
  readonly why: 'chosen' | 'selected' | 'default';
  /** The symbols that select it; the folder is null for one that belongs to no library or application. */
  readonly selectedBy: readonly { readonly symbol: string; readonly library: string | null }[];
}

/** The libraries of a configuration, and what selected what. */
export interface LibraryGraph {
  readonly target: Target;
  readonly libraries: readonly SelectedLibrary[];
}

/** Resolves configurations against the pools' Kconfig tree. */
export interface Configurator {
  /** @throws UNKNOWN_APP, UNKNOWN_TARGET, UNKNOWN_SYMBOL, INVALID_SYMBOL_VALUE, CONFIGURATION_FAILED, TOOLCHAIN_MISSING */
  resolve(request: ConfigurationRequest): Promise<ResolvedConfiguration>;
  /** For applications of the pools. @throws as `resolve` does */
  explain(request: ConfigurationRequest, symbol: string): Promise<SymbolExplanation>;
  /** For applications of the pools. @throws as `resolve` does */
  graph(request: ConfigurationRequest): Promise<LibraryGraph>;
  /** @throws as `resolve` does */
  menu(request: ConfigurationRequest): Promise<ConfigurationMenu>;
}

export type BuildPhase = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

export interface BuildRequest {
  /** Its name in the pools. With `source` it does not matter. */
  readonly app: string;
  /** The upload that the application is, if it is not one of the pools. */
  readonly source?: SourceDigest | undefined;
  readonly targets: readonly Target[];
  readonly symbols: Readonly<Record<string, string>>;
  /** Who asks. Builds that wait take turns between clients. */
  readonly client?: string | undefined;
}

/** How far the build of a target is: files that are compiled. */
export interface BuildProgress {
  readonly done: number;
  readonly total: number;
  /** What is being compiled. */
  readonly file: string | null;
}

/** What became of one target of a build. */
export interface BuildTargetResult {
  readonly target: Target;
  readonly phase: BuildPhase;
  readonly image: ImageDigest | null;
  /** True if the image came from the store and no compiler ran. */
  readonly cached: boolean;
  readonly error: { readonly code: string; readonly message: string } | null;
  /** Null before it is known, and of builds of an earlier daemon. */
  readonly progress: BuildProgress | null;
  readonly warnings: readonly ConfigurationWarning[];
}

export interface Build {
  readonly id: string;
  readonly app: string;
  /** The upload that was built, or null for an application of the pools. */
  readonly source: SourceDigest | null;
  readonly phase: BuildPhase;
  readonly targets: readonly BuildTargetResult[];
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
}

/** One chunk of a build's log, in order. */
export interface BuildLogChunk {
  /** Byte offset of the chunk in the log. */
  readonly offset: number;
  readonly text: string;
}

/** Runs builds, a bounded number at a time. */
export interface Builder {
  /**
   * Accepts a build and returns at once.
   * @throws UNKNOWN_APP, UNKNOWN_TARGET, UNKNOWN_SYMBOL, BUILD_QUEUE_FULL
   */
  submit(request: BuildRequest): Promise<Build>;
  /** The build as it is when it has ended. @throws UNKNOWN_BUILD; the signal's reason if it fires first */
  wait(id: string, signal?: AbortSignal): Promise<Build>;
  /** @throws UNKNOWN_BUILD */
  get(id: string): Promise<Build>;
  /** Newest first. */
  list(): Promise<readonly Build[]>;
  /** Ends the build's processes; the build becomes `cancelled`. Does nothing if it has ended. @throws UNKNOWN_BUILD */
  cancel(id: string): Promise<Build>;
  /** The log from a byte offset on, following it until the build ends. @throws UNKNOWN_BUILD */
  log(id: string, fromOffset: number, signal?: AbortSignal): AsyncIterable<BuildLogChunk>;
  /** Tells of each change of any build, until the returned function is called. */
  onChange(listener: (build: Build) => void): () => void;
  /** Tells of progress within a phase, not more than a few times a second for each build. */
  onProgress(listener: (build: Build) => void): () => void;
}

/** Content-addressed images. */
export interface ImageStore {
  /** @throws UNKNOWN_IMAGE, IMAGE_CORRUPT */
  get(digest: ImageDigest): Promise<StoredImage>;
  /** Newest first. */
  list(): Promise<readonly ImageManifest[]>;
  /** Takes in a foreign image (an ELF file whose boot protocol the inspector recognises). @throws NOT_A_UNIKERNEL, BODY_TOO_LARGE */
  import(source: AsyncIterable<Uint8Array>, claims?: Partial<ImportClaims>): Promise<StoredImage>;
  /** @throws UNKNOWN_IMAGE */
  delete(digest: ImageDigest): Promise<void>;
}

/** What is said of an import by where it comes from. What its bytes tell is never taken from here. */
export type ImportClaims = Pick<
  ImageManifest,
  'libraries' | 'configuration' | 'inputsHash' | 'compiler' | 'pulledFrom'
>;

/** Told how many bytes of how many are through. */
export type ExchangeProgress = (bytes: number, total: number) => void;

/**
 * Carries images to and from registries. References are `registry/name:tag` or `registry/name@sha256:…`.
 * Errors of both: INVALID_REFERENCE, REGISTRY_NOT_ALLOWED, REGISTRY_UNAVAILABLE, REGISTRY_UNTRUSTED, REGISTRY_REFUSED,
 * REGISTRY_CONTENT_MISMATCH; the
 * signal's reason.
 */
export interface ImageExchange {
  /** Whether it would be tried at all. @throws INVALID_REFERENCE, REGISTRY_NOT_ALLOWED */
  requireAllowed(reference: string): void;
  /** @throws UNKNOWN_REMOTE_IMAGE, SIGNATURE_MISSING, BODY_TOO_LARGE, NOT_A_UNIKERNEL, STORAGE_FULL */
  pull(reference: string, progress: ExchangeProgress, signal: AbortSignal): Promise<ImageManifest>;
  /** Returns the digest of the manifest in the registry. @throws UNKNOWN_IMAGE, IMAGE_CORRUPT */
  push(
    digest: ImageDigest,
    reference: string,
    progress: ExchangeProgress,
    signal: AbortSignal,
  ): Promise<string>;
}

/** Gives the image of an application, from the store if the same build was done before, else by building it. */
export interface ImageSource {
  /** @throws everything that a build can end with */
  imageFor(request: ConfigurationRequest, signal?: AbortSignal): Promise<StoredImage>;
}

/** How much of one kind was removed. */
export interface Collected {
  readonly count: number;
  readonly bytes: number;
}

/** What a collection removed, or would remove. */
export interface CollectionReport {
  readonly dryRun: boolean;
  readonly images: readonly { readonly digest: ImageDigest; readonly bytes: number }[];
  readonly debugFiles: Collected;
  readonly builds: Collected;
  readonly objects: Collected;
  readonly freedBytes: number;
}

/** Removes what is no longer kept: by size, by age, and never what is in use or was used a moment ago. */
export interface Collector {
  collect(options?: { readonly dryRun?: boolean }): Promise<CollectionReport>;
}
