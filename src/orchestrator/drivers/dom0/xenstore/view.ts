// SPDX-License-Identifier: BSD-3-Clause
import type { Connection } from './connection.js';
import { isRefusal, XenstoreRefusal } from './refusal.js';
import { MESSAGE, MOST_PATH_BYTES, MOST_REPLY_BYTES, stringsOf } from './wire.js';

/** How often a folder is read again that changes while it is read. */
const MOST_ATTEMPTS = 100;

/** What is in xenstore, as a transaction sees it or as everybody does. Values are bytes, and what a guest wrote may be any. */
export class XenstoreView {
  protected readonly connection: Connection;
  readonly #transaction: number;

  constructor(connection: Connection, transaction: number) {
    this.connection = connection;
    this.#transaction = transaction;
  }

  /** Null if there is no such node. */
  async read(path: string): Promise<Buffer | null> {
    return unlessMissing(this.request(MESSAGE.READ, [path], `read ${path}`));
  }

  /** Makes the node, and the folders that it lies in, where there are none. */
  async write(path: string, value: Uint8Array | string): Promise<void> {
    const payload = Buffer.concat([pathBytes(path), Buffer.from(value)]);
    await this.connection.request(MESSAGE.WRITE, this.#transaction, payload, `write ${path}`);
  }

  /** The names in a folder; null if there is no such node. */
  async directory(path: string): Promise<readonly string[] | null> {
    try {
      const names = await unlessMissing(this.request(MESSAGE.DIRECTORY, [path], `list ${path}`));
      return names === null ? null : stringsOf(names);
    } catch (error) {
      if (!isRefusal(error, 'E2BIG')) throw error;
      return this.#largeDirectory(path);
    }
  }

  protected request(type: number, strings: readonly string[], what: string): Promise<Buffer> {
    const payload = Buffer.concat(strings.map(pathBytes));
    return this.connection.request(type, this.#transaction, payload, what);
  }

  /** Piece by piece, and from the start again if it changes meanwhile, which a number tells that goes before each piece. */
  async #largeDirectory(path: string): Promise<readonly string[] | null> {
    const what = `list ${path}`;
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const names: string[] = [];
      let first: string | undefined;
      for (let offset = 0; offset < MOST_REPLY_BYTES;) {
        const strings = [path, String(offset)];
        const payload = await unlessMissing(this.request(MESSAGE.DIRECTORY_PART, strings, what));
        if (payload === null) return null;
        const [generation, ...some] = stringsOf(payload);
        first ??= generation;
        if (generation !== first) break;
        // The end is an empty name.
        const end = some.indexOf('');
        names.push(...(end < 0 ? some : some.slice(0, end)));
        if (end >= 0) return names;
        if (some.length === 0) throw new XenstoreRefusal(what, 'EIO');
        offset += some.reduce((bytes, name) => bytes + name.length + 1, 0);
      }
    }
    throw new XenstoreRefusal(what, 'EAGAIN');
  }
}

/** A string with the zero byte that ends it. @throws XenstoreRefusal for one that is none for xenstored */
function pathBytes(text: string): Buffer {
  const bytes = Buffer.from(`${text}\0`);
  if (bytes.byteLength <= MOST_PATH_BYTES && !text.includes('\0')) return bytes;
  throw new XenstoreRefusal('take a path that is too long, or that has a zero byte', 'EINVAL');
}

async function unlessMissing(reply: Promise<Buffer>): Promise<Buffer | null> {
  try {
    return await reply;
  } catch (error) {
    if (isRefusal(error, 'ENOENT')) return null;
    throw error;
  }
}
