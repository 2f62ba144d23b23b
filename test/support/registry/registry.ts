// SPDX-License-Identifier: BSD-3-Clause
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** `tester` with the password `open sesame`, as htpasswd writes it (bcrypt, the only sort that the registry takes). */
const PASSWORDS = 'tester:$2y$05$wswWZmsCkzpwMq1zlJe1Z.0a4G7Ph0hg1qUt8REQl4u8VB4KwT.ra\n';
export const CREDENTIALS = { username: 'tester', password: 'open sesame' } as const;

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

  static async start(options: { readonly passwords?: boolean } = {}): Promise<RealRegistry> {
    const folder = await mkdtemp(join(tmpdir(), 'unicore-registry-'));
    const host = `127.0.0.1:${await freePort()}`;
    const settings = {
      version: 0.1,
      log: { level: 'error' },
      storage: { filesystem: { rootdirectory: join(folder, 'data') } },
      http: { addr: host, secret: 'of the tests' },
      ...(options.passwords === true
        ? { auth: { htpasswd: { realm: 'tests', path: join(folder, 'passwords') } } }
        : {}),
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
  try {
    return (await fetch(`http://${host}/v2/`)).status < 500;
  } catch {
    return false;
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
