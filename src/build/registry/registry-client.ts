// SPDX-License-Identifier: BSD-3-Clause
import type { Response } from 'undici';
import { UnicoreError } from '../../errors/index.js';
import { authorize, parseChallenge } from './authorization.js';
import { collect, digestOf, mismatch, type Content } from './bounded-body.js';
import type { RegistrySettings } from './registry-settings.js';
import { connectionError, transportFor, unavailable } from './transport.js';

/** What a request may need besides its method and address. */
interface Call {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Blob | Uint8Array<ArrayBuffer>;
  /** Statuses besides 2xx that are an answer and not a failure. */
  readonly expected?: readonly number[];
}

export interface RegistryClientOptions {
  readonly settings: RegistrySettings;
  readonly repository: string;
  readonly actions: 'pull' | 'pull,push';
  readonly signal: AbortSignal;
}

const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
/** The specification's own limit is 4 MiB; a manifest of ours has a few hundred bytes. */
const MOST_MANIFEST_BYTES = 1024 * 1024;
const MOST_REDIRECTS = 3;
/** For an answer's head, and between two pieces of a body. */
const PATIENCE_MILLISECONDS = 30_000;

/**
 * One repository of a registry, by the OCI Distribution Specification 1.1. Only the registry's host and those that its settings trust
 * are ever spoken to, wherever answers point; credentials go to the registry and its token service only.
 * Its errors: REGISTRY_UNAVAILABLE, REGISTRY_UNTRUSTED, REGISTRY_REFUSED, REGISTRY_CONTENT_MISMATCH; the signal's reason.
 */
export class RegistryClient {
  readonly #o: RegistryClientOptions;
  readonly #base: URL;
  #authorization: string | null = null;

  constructor(options: RegistryClientOptions) {
    const { settings, repository } = options;
    this.#o = options;
    const protocol = settings.insecure ? 'http' : 'https';
    this.#base = new URL(`${protocol}://${settings.host}/v2/${repository}/`);
  }

  /** The manifest of a tag or digest, or null if there is none. A digest is checked. */
  async manifest(
    version: string,
  ): Promise<{ readonly digest: string; readonly text: string } | null> {
    const response = await this.#request('GET', this.#address(`manifests/${version}`), {
      headers: { accept: MANIFEST_TYPE },
      expected: [404],
    });
    if (response.status === 404) {
      await response.body?.cancel();
      return null;
    }
    const bytes = await collect(this.#body(response), MOST_MANIFEST_BYTES);
    const digest = digestOf(bytes);
    if (version.startsWith('sha256:') && version !== digest) {
      throw mismatch(version, `its content has the digest ${digest}`);
    }
    return { digest, text: bytes.toString('utf8') };
  }

  async putManifest(version: string, text: string): Promise<void> {
    const response = await this.#request('PUT', this.#address(`manifests/${version}`), {
      headers: { 'content-type': MANIFEST_TYPE },
      body: Buffer.from(text),
    });
    await response.body?.cancel();
  }

  /** A blob's bytes, not checked yet. */
  async *blob(digest: string): AsyncGenerator<Uint8Array> {
    yield* this.#body(await this.#request('GET', this.#address(`blobs/${digest}`), {}));
  }

  /** Uploads a blob in one piece, unless it is there. */
  async putBlob({ digest, size }: Content, body: Blob | Uint8Array<ArrayBuffer>): Promise<void> {
    const address = this.#address(`blobs/${digest}`);
    const there = await this.#request('HEAD', address, { expected: [404] });
    if (there.status !== 404) return;
    const begun = await this.#request('POST', this.#address('blobs/uploads/'), {
      headers: { 'content-length': '0' },
    });
    await begun.body?.cancel();
    const upload = this.#pointed(begun, this.#base);
    upload.searchParams.set('digest', digest);
    const response = await this.#request('PUT', upload, {
      headers: { 'content-type': 'application/octet-stream', 'content-length': String(size) },
      body,
    });
    await response.body?.cancel();
  }

  #address(path: string): URL {
    return new URL(path, this.#base);
  }

  async #request(method: string, url: URL, call: Call): Promise<Response> {
    let response = await this.#follow(method, url, call);
    if (response.status === 401) {
      await response.body?.cancel();
      const { settings, repository, actions } = this.#o;
      this.#authorization = await authorize(
        parseChallenge(response.headers.get('www-authenticate')),
        settings,
        { repository, actions },
        (realm, headers) => this.#fetch('GET', this.#allowed(realm), headers),
      );
      response = await this.#follow(method, url, call);
    }
    if (response.ok || call.expected?.includes(response.status) === true) return response;
    await response.body?.cancel();
    throw failure(this.#o.settings.host, method, url, response.status);
  }

  /** Redirects are followed by hand: each address is looked at before it is asked, and no credentials go along. */
  async #follow(method: string, start: URL, call: Call): Promise<Response> {
    let url = start;
    for (let hop = 0; ; hop++) {
      const own = url.host === this.#base.host && url.protocol === this.#base.protocol;
      const authorization = own && this.#authorization !== null ? this.#authorization : null;
      const headers = { ...call.headers, ...(authorization === null ? {} : { authorization }) };
      const response = await this.#fetch(method, url, headers, call.body);
      const redirects = (method === 'GET' || method === 'HEAD') && isRedirect(response.status);
      if (!redirects) return response;
      await response.body?.cancel();
      if (hop === MOST_REDIRECTS) throw this.#unavailable('it redirects too often');
      url = this.#pointed(response, url);
    }
  }

  #pointed(response: Response, from: URL): URL {
    const location = response.headers.get('location') ?? '';
    if (location === '' || !URL.canParse(location, from.href)) {
      throw this.#unavailable('it sent no address to go on at');
    }
    return this.#allowed(new URL(location, from));
  }

  /** @throws REGISTRY_REFUSED for an address that the registry must not send us to */
  #allowed(url: URL): URL {
    const { host, trustedHosts } = this.#o.settings;
    const own = url.host === this.#base.host && url.protocol === this.#base.protocol;
    const trusted = url.protocol === 'https:' && trustedHosts.includes(url.host);
    if ((own || trusted) && url.username === '' && url.password === '') return url;
    throw new UnicoreError(
      'REGISTRY_REFUSED',
      `The registry ${host} sends us to ${url.protocol}//${url.host}, which its settings do not trust. If that is right, add it to trustedHosts of the registry in the configuration.`,
    );
  }

  async #fetch(
    method: string,
    url: URL,
    headers: Record<string, string>,
    body?: Blob | Uint8Array<ArrayBuffer>,
  ): Promise<Response> {
    const { fetch, dispatcher } = await transportFor(this.#o.settings);
    const patience = new AbortController();
    // An upload's time depends on its size; the operation's own limit holds for it.
    const timer =
      body === undefined ? setTimeout(() => patience.abort(), PATIENCE_MILLISECONDS) : undefined;
    try {
      return await fetch(url, {
        method,
        headers,
        dispatcher,
        redirect: 'manual',
        signal: AbortSignal.any([this.#o.signal, patience.signal]),
        ...(body === undefined ? {} : { body }),
      });
    } catch (error) {
      this.#o.signal.throwIfAborted();
      if (patience.signal.aborted) throw this.#unavailable('it does not answer');
      throw connectionError(this.#o.settings.host, url, error);
    } finally {
      clearTimeout(timer);
    }
  }

  async *#body(response: Response): AsyncGenerator<Uint8Array> {
    if (response.body === null) return;
    const reader: ReadableStreamDefaultReader<Uint8Array> = response.body.getReader();
    const patience = new AbortController();
    const timer = setTimeout(() => {
      patience.abort();
      void reader.cancel();
    }, PATIENCE_MILLISECONDS);
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        timer.refresh();
        yield value;
      }
    } catch (error) {
      this.#o.signal.throwIfAborted();
      throw connectionError(this.#o.settings.host, this.#base, error);
    } finally {
      clearTimeout(timer);
      await reader.cancel().catch(() => undefined);
    }
    this.#o.signal.throwIfAborted();
    if (patience.signal.aborted) throw this.#unavailable('it stopped in the middle of an answer');
  }

  #unavailable(why: string): UnicoreError {
    return unavailable(this.#o.settings.host, why);
  }
}

function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}

function failure(host: string, method: string, url: URL, status: number): UnicoreError {
  const what = `The registry ${host} answered ${status} to ${method} ${url.pathname}.`;
  if (status === 401 || status === 403) return new UnicoreError('REGISTRY_REFUSED', what);
  return status === 404
    ? new UnicoreError('UNKNOWN_REMOTE_IMAGE', what)
    : new UnicoreError('REGISTRY_UNAVAILABLE', what, { retryAfterSeconds: 10 });
}
