// SPDX-License-Identifier: BSD-3-Clause
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { WebSocket } from 'ws';
import type { z } from 'zod';
import { problemSchema } from '../../wire/index.js';
import { CommandError, EXIT } from '../exit-codes.js';
import type { Endpoint } from './endpoint.js';
import { lenient } from './lenient.js';

export interface Call {
  readonly body?: unknown;
  /** Sent as the body instead, with its content type. */
  readonly upload?: {
    readonly stream: Readable;
    readonly bytes: number;
    /** `application/octet-stream` unless given. */
    readonly type?: string;
  };
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

/** Speaks the public API, over TCP or the daemon's Unix socket. Problems become `CommandError`s. */
export class ApiClient {
  constructor(private readonly endpoint: Endpoint) {}

  /** Makes a call and checks its answer against a schema of the API; it may have fields that this version does not know. */
  async call<T extends z.ZodType>(
    schema: T,
    method: string,
    path: string,
    call: Call = {},
  ): Promise<z.infer<T>> {
    const { text } = await this.raw(method, path, call);
    const result = lenient(schema).safeParse(text === '' ? null : JSON.parse(text));
    if (result.success) return result.data;
    throw new CommandError(
      `The daemon's answer to ${method} ${path} is not what this version expects: ${result.error.message}`,
    );
  }

  /** Makes a call. @throws CommandError with the problem if the status is not a success */
  async raw(method: string, path: string, call: Call = {}): Promise<Answer> {
    const response = await this.#send(method, path, call);
    const chunks: Buffer[] = [];
    for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString('utf8');
    const status = response.statusCode ?? 0;
    if (status >= 400) throw problemError(status, text);
    return { status, headers: response.headers, text };
  }

  /** Opens a WebSocket; it has yet to be opened when this returns. */
  webSocket(path: string): WebSocket {
    const { url, socketPath, token } = this.endpoint;
    const address =
      socketPath === null
        ? new URL(path, url).href.replace(/^http/, 'ws')
        : `ws+unix:${socketPath}:${path}`;
    return new WebSocket(address, {
      headers: { authorization: `Bearer ${token}`, host: url.host },
      perMessageDeflate: false,
      handshakeTimeout: 10_000,
    });
  }

  /** Where the daemon is, for people. */
  get address(): string {
    return this.endpoint.socketPath ?? this.endpoint.url.href;
  }

  /** Where others reach it. */
  get publicUrl(): string {
    return this.endpoint.publicUrl;
  }

  async #send(method: string, path: string, call: Call): Promise<IncomingMessage> {
    const { url, socketPath, token } = this.endpoint;
    const target = new URL(path, url);
    for (const [name, value] of Object.entries(call.query ?? {})) {
      if (value !== undefined) target.searchParams.set(name, String(value));
    }
    const body = call.body === undefined ? null : JSON.stringify(call.body);
    const options: RequestOptions = {
      method,
      ...(socketPath === null ? {} : { socketPath }),
      headers: { authorization: `Bearer ${token}`, ...contentHeaders(body, call), ...call.headers },
    };
    const request =
      url.protocol === 'https:' ? httpsRequest(target, options) : httpRequest(target, options);
    const response = new Promise<IncomingMessage>((resolve, reject) => {
      request.once('response', resolve);
      request.once('error', (error) => {
        reject(unreachable(error, this.address));
      });
    });
    if (call.upload !== undefined) {
      // A daemon that refuses answers before all is sent; its answer counts, not the broken pipe.
      pipeline(call.upload.stream, request).catch(() => undefined);
    } else request.end(body);
    return response;
  }
}

function contentHeaders(body: string | null, call: Call): Record<string, string> {
  if (call.upload !== undefined) {
    return {
      'content-type': call.upload.type ?? 'application/octet-stream',
      'content-length': String(call.upload.bytes),
    };
  }
  if (body === null) return { 'content-length': '0' };
  return {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
  };
}

/** The error for an answer that is a problem. */
export function problemError(status: number, text: string): CommandError {
  const exitCode =
    status === 401 || status === 403 ? EXIT.refused : status === 404 ? EXIT.notFound : EXIT.failed;
  const parsed = lenient(problemSchema).safeParse(parseJson(text));
  if (!parsed.success) return new CommandError(`The daemon answered ${status}.`, exitCode);
  const { title, detail, code, errors } = parsed.data;
  const fields = (errors ?? []).map(({ path, message }) => `\n  ${path}: ${message}`).join('');
  return new CommandError(`${title}: ${detail} [${code}]${fields}`, exitCode, parsed.data);
}

export function unreachable(error: Error, address: string): CommandError {
  const { code } = error as NodeJS.ErrnoException;
  return new CommandError(
    `The daemon does not answer at ${address} (${code ?? error.message}). Is unicored running?`,
    code === 'EACCES' ? EXIT.refused : EXIT.unreachable,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
