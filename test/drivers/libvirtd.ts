// SPDX-License-Identifier: BSD-3-Clause
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { NO_BACKGROUND, type ImageManifest, type StoredImage } from '../../src/build/image.js';

const run = promisify(execFile);
const SCRIPT = new URL('../../script/libvirtd', import.meta.url).pathname;
const GUEST = new URL('./guest', import.meta.url).pathname;
/** The longest that one may live, whatever becomes of the test that started it. */
const LIFE_SECONDS = '1200';
/** Small, so that logs rotate soon. */
const LOG_BYTES = '16384';

/** A private libvirtd with its own namespace (see script/libvirtd), for one test file. */
export class PrivateLibvirtd {
  readonly directory: string;
  readonly uri: string;

  private constructor(directory: string, uri: string) {
    this.directory = directory;
    this.uri = uri;
  }

  static async start(): Promise<PrivateLibvirtd> {
    const directory = await mkdtemp(join(tmpdir(), 'uc-libvirt-'));
    return new PrivateLibvirtd(directory, await up(directory));
  }

  /** Starts libvirtd again, after it was killed. */
  async restart(): Promise<void> {
    await up(this.directory);
  }

  /** Sends a signal to libvirtd alone. */
  signal(signal: NodeJS.Signals): void {
    process.kill(this.#daemonPid('libvirtd'), signal);
  }

  /** Kills libvirtd, and waits until it is gone. */
  async kill(): Promise<void> {
    const pid = this.#daemonPid('libvirtd');
    process.kill(pid, 'SIGKILL');
    while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  /** The pid, seen from here, of the QEMU process of a domain. */
  qemuPid(id: string): number {
    const pid = this.#processes().find(({ args }) => args.includes(id))?.pid;
    if (pid === undefined) throw new Error(`no QEMU process runs the domain ${id}`);
    return pid;
  }

  /** Runs virsh, another client than ours. */
  async virsh(...args: readonly string[]): Promise<string> {
    return (await run('virsh', ['-q', '-c', this.uri, ...args], { timeout: 60_000 })).stdout.trim();
  }

  /** Ends it, with all its guests. */
  async stop(): Promise<void> {
    await run(SCRIPT, ['down', this.directory], { timeout: 60_000 });
    await rm(this.directory, { recursive: true, force: true });
  }

  #daemonPid(name: string): number {
    const pid = this.#processes().find(({ args }) => args[0] === name)?.pid;
    if (pid === undefined) throw new Error(`${name} does not run`);
    return pid;
  }

  /** The processes of the namespace: those that share the pid namespace of its first process. */
  #processes(): { pid: number; args: string[] }[] {
    const init = readFileSync(join(this.directory, 'init.pid'), 'utf8').split(' ')[0] ?? '';
    const namespace = namespaceOf(init);
    return readdirSync('/proc')
      .filter((entry) => /^\d+$/.test(entry) && namespaceOf(entry) === namespace)
      .map((entry) => ({ pid: Number(entry), args: argumentsOf(entry) }));
  }
}

async function up(directory: string): Promise<string> {
  const env = {
    ...process.env,
    UNICORE_LIBVIRTD_SECONDS: LIFE_SECONDS,
    UNICORE_LIBVIRTD_LOG_BYTES: LOG_BYTES,
  };
  return (await run(SCRIPT, ['up', directory], { timeout: 120_000, env })).stdout.trim();
}

function isAlive(pid: number): boolean {
  const path = `/proc/${pid}/stat`;
  return existsSync(path) && !readFileSync(path, 'utf8').includes(') Z ');
}

function namespaceOf(pid: string): string | null {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return null; // it has ended
  }
}

function argumentsOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

/** Builds the test guest (test/drivers/guest) into a folder. */
export function buildGuest(folder: string): StoredImage {
  const path = join(folder, 'guest');
  const flags = ['-m32', '-ffreestanding', '-nostdlib', '-static', '-fno-pic', '-O1'];
  flags.push('-fno-stack-protector', '-mgeneral-regs-only', '-Wall', '-Wextra', '-Werror');
  flags.push(`-Wl,-T,${join(GUEST, 'guest.lds')},--build-id=none,--no-warn-rwx-segments`);
  execFileSync('gcc', [...flags, '-o', path, join(GUEST, 'guest.c')]);
  return { path, manifest: GUEST_MANIFEST };
}

const GUEST_MANIFEST: ImageManifest = {
  digest: `sha256:${'0'.repeat(64)}`,
  bytes: 0,
  app: 'guest',
  target: 'kvm-x86_64',
  architecture: 'x86_64',
  bootProtocols: ['pvh'],
  reportsReady: true,
  parks: true,
  minimumMemoryBytes: null,
  libraries: [],
  configuration: null,
  inputsHash: null,
  ...NO_BACKGROUND,
  origin: 'built',
  createdAt: '2026-01-01T00:00:00Z',
};
