// SPDX-License-Identifier: BSD-3-Clause
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CertifiedKey } from './certificates.js';
import type { TokenService } from './token-service.js';

/** `tester` with the password `open sesame`, as htpasswd writes it (bcrypt, the only sort that the registry takes). */
const PASSWORDS = 'tester:$2y$05$wswWZmsCkzpwMq1zlJe1Z.0a4G7Ph0hg1qUt8REQl4u8VB4KwT.ra\n';
export const CREDENTIALS = { username: 'tester', password: 'open sesame' } as const;

export interface RegistryOptions {
  /** Whether `CREDENTIALS` are needed. */
  readonly passwords?: boolean;
  /** Whose tokens are needed. */
  readonly tokens?: TokenService;
  readonly tls?: CertifiedKey;
}

/** Debian's docker-registry on a free port of the loopback interface, with a storage of its own. */
export class RealRegistry {
  readonly host: string;
  readonly #process: ChildProcess;
  readonly #folder: string;

  private constructor(host: string, process: ChildProcess, folder: string) {
    this.host = host;
    this.#process = process;
    this.#folder = folder;
  }

  static async start(options: RegistryOptions = {}): Promise<RealRegistry> {
    const folder = await mkdtemp(join(tmpdir(), 'unicore-registry-'));
    const host = `127.0.0.1:${await freePort()}`;
    const settings = {
      version: 0.1,
      log: { level: 'error' },
      storage: { filesystem: { rootdirectory: join(folder, 'data') } },
      http: {
        ...{ addr: host, secret: 'of the tests' },
        ...(options.tls === undefined ? {} : { tls: options.tls }),
      },
      ...(options.passwords === true
        ? { auth: { htpasswd: { realm: 'tests', path: join(folder, 'passwords') } } }
        : {}),
      ...(options.tokens === undefined ? {} : { auth: options.tokens.settings }),
    };
    writeFileSync(join(folder, 'passwords'), PASSWORDS);
    // The registry reads YAML, of which JSON is a part.
    writeFileSync(join(folder, 'config.yml'), JSON.stringify(settings));
    const child = spawn('docker-registry', ['serve', join(folder, 'config.yml')], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: process.env.PATH, OTEL_TRACES_EXPORTER: 'none' },
    });
    let said = '';
    child.stderr.on('data', (data: Buffer) => (said += data.toString()));
    const registry = new RealRegistry(host, child, folder);
    while (!(await answers(host))) {
      if (child.exitCode !== null) throw new Error(`docker-registry ended: ${said}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return registry;
  }

  /** The port, for a registry that is called by another name. */
  get port(): string {
    return this.host.split(':')[1] ?? '';
  }

  /** Flips a bit of a blob where it is stored. */
  corrupt(digest: string): void {
    const name = digest.replace('sha256:', '');
    const blobs = join(this.#folder, 'data/docker/registry/v2/blobs/sha256');
    const file = join(blobs, name.slice(0, 2), name, 'data');
    const bytes = readFileSync(file);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(file, bytes);
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode === null) {
      const ended = once(this.#process, 'exit');
      this.#process.kill('SIGKILL');
      await ended;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function answers(host: string): Promise<boolean> {
  const socket = connect(Number(host.split(':')[1]), '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
