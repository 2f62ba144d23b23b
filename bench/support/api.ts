// SPDX-License-Identifier: BSD-3-Clause
import { Agent, request } from 'node:http';

export interface Answer<T> {
  readonly status: number;
  readonly body: T;
}

/** A client of one daemon that keeps its connections, so that what is measured is the daemon and not the handshake. */
export class Api {
  readonly #url: URL;
  readonly #token: string;
  readonly #agent: Agent;
  #isClosed = false;

  constructor(url: string, token: string) {
    this.#url = new URL(url);
    this.#token = token;
    this.#agent = new Agent({ keepAlive: true, maxSockets: 64 });
  }

  /** @throws if the status is an error's, with the answer's text, or if it was closed */
  async call<T = unknown>(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    body?: object,
  ): Promise<Answer<T>> {
    if (this.#isClosed) throw new Error('This client was closed.');
    const text = body === undefined ? undefined : JSON.stringify(body);
    const { status, data } = await this.#send(method, path, text);
    if (status >= 400) throw new Error(`${method} ${path}: ${status} ${data}`);
    const isJson = /^[[{]/.test(data);
    return { status, body: (isJson ? JSON.parse(data) : data) as T };
  }

  close(): void {
    this.#isClosed = true;
    this.#agent.destroy();
  }

  #send(
    method: string,
    path: string,
    text: string | undefined,
  ): Promise<{ status: number; data: string }> {
    return new Promise((resolve, reject) => {
      const headers: Record<string, string> = { authorization: `Bearer ${this.#token}` };
      if (text !== undefined) headers['content-type'] = 'application/json';
      const { hostname, port } = this.#url;
      const sent = request({ hostname, port, method, path, headers, agent: this.#agent });
      sent.on('error', reject);
      sent.on('response', (response) => {
        response.toArray().then((chunks: Buffer[]) => {
          resolve({ status: response.statusCode ?? 0, data: Buffer.concat(chunks).toString() });
        }, reject);
      });
      sent.end(text);
    });
  }
}
