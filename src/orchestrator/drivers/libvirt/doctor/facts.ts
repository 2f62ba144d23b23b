// SPDX-License-Identifier: BSD-3-Clause
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import {
  gatherLinuxFacts,
  type DaemonFacts,
  type LinuxFacts,
  type RunThere,
} from '../../../../diagnosis/index.js';
import { isCommandError, runCommand } from '../../../../process/index.js';
import { probeKvm } from '../acceleration.js';
import type { LocalLibvirt } from './endpoint.js';

/** A bound, and how much of it is taken. */
export interface Bound {
  readonly most: number;
  readonly taken: number;
}

/** What a libvirt of this machine and its surroundings say. Null: it cannot be seen from here. */
export interface LibvirtFacts {
  readonly daemonName: string;
  /** With the control group that libvirtd is in. */
  readonly linux: LinuxFacts;
  readonly daemon: DaemonFacts | null;
  readonly logDaemon: DaemonFacts | null;
  readonly clients: Bound | null;
  readonly workers: Bound | null;
  readonly logClients: Bound | null;
  /** Requests that it takes from one client at a time. */
  readonly clientRequests: number | null;
  /** The process that inherits what libvirtd's children leave behind, and whether it waits for their ends. */
  readonly reaper: { readonly name: string; readonly waits: boolean } | null;
  /** Whether guests run with KVM, found out with one. */
  readonly kvm: 'works' | 'fails' | 'absent';
}

const MILLISECONDS = 10_000;
/** max_client_requests of libvirtd.conf where it says nothing. */
const DEFAULT_CLIENT_REQUESTS = 5;

export async function gatherLibvirtFacts(
  local: LocalLibvirt,
  signal: AbortSignal,
): Promise<LibvirtFacts> {
  const run: RunThere = ([file = '', ...args]) =>
    runCommand(file, args, { timeoutMilliseconds: MILLISECONDS, signal });
  const seen = await gatherLinuxFacts(run, 'self', [local.daemon, 'virtlogd']);
  const daemon = await ownerOf(local.socket, local.daemon, seen.daemons);
  const [linux, logDaemon, clients, workers, logClients, clientRequests, reaper, kvm] =
    await Promise.all([
      daemon === null ? seen : gatherLinuxFacts(run, daemon.pid),
      ownerOf(local.socket, 'virtlogd', seen.daemons),
      bound(run, local.admin, 'server-clients-info', local.daemon, 'nclients_max', 'nclients'),
      bound(run, local.admin, 'server-threadpool-info', local.daemon, 'maxWorkers', 'nWorkers'),
      bound(run, local.logAdmin, 'server-clients-info', 'virtlogd', 'nclients_max', 'nclients'),
      daemon === null ? null : clientRequestsOf(daemon),
      daemon === null ? null : reaperOf(daemon.pid),
      kvmHere(),
    ]);
  const daemonName = local.daemon;
  return {
    ...{ daemonName, linux, daemon, logDaemon },
    ...{ clients, workers, logClients, clientRequests, reaper, kvm },
  };
}

async function kvmHere(): Promise<LibvirtFacts['kvm']> {
  if (!existsSync('/dev/kvm')) return 'absent';
  return (await probeKvm()) ? 'works' : 'fails';
}

/** Asks a daemon about itself. Null where virt-admin is not installed, or not let in. */
async function bound(
  run: RunThere,
  uri: string,
  command: string,
  server: string,
  most: string,
  taken: string,
): Promise<Bound | null> {
  try {
    const { stdout } = await run(['virt-admin', '-c', uri, command, server]);
    return parseBound(stdout, most, taken);
  } catch (error) {
    if (isCommandError(error)) return null;
    throw error;
  }
}

/** Reads `NAME : VALUE` lines of virt-admin(1). */
export function parseBound(text: string, most: string, taken: string): Bound | null {
  const value = (name: string): number | null => {
    const digits = new RegExp(`^${name}\\s*: (\\d+)$`, 'm').exec(text)?.[1];
    return digits === undefined ? null : Number(digits);
  };
  const [bound, now] = [value(most), value(taken)];
  return bound === null || now === null ? null : { most: bound, taken: now };
}

/** Of several daemons of a name (there are private ones), the one whose folder of sockets holds this one. */
async function ownerOf(
  socket: string,
  name: string,
  daemons: readonly DaemonFacts[],
): Promise<DaemonFacts | null> {
  const identity = await identityOf(socket);
  for (const daemon of daemons) {
    if (daemon.name !== name) continue;
    const path = `/proc/${daemon.pid}/root/run/libvirt/${basename(socket)}`;
    if (identity !== null && (await identityOf(path)) === identity) return daemon;
  }
  return null;
}

async function identityOf(path: string): Promise<string | null> {
  return stat(path).then(
    ({ dev, ino }) => `${dev}:${ino}`,
    () => null,
  );
}

async function clientRequestsOf({ pid, name, commandLine }: DaemonFacts): Promise<number | null> {
  const [, given] = /(?:--config[= ]|-f )(\/\S+)/.exec(commandLine) ?? [];
  const path = `/proc/${pid}/root${given ?? `/etc/libvirt/${name}.conf`}`;
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null) return null;
  const value = /^\s*max_client_requests\s*=\s*(\d+)/m.exec(text)?.[1];
  return value === undefined ? DEFAULT_CLIENT_REQUESTS : Number(value);
}

const SIGCHLD = 1n << 16n; // bit 17, counted from 1 (signal(7))

/**
 * QEMU is left to the process that libvirtd itself was left to: the nearest subreaper, or process 1. It waits for the ends of
 * processes if it is told of them (handles, blocks to take later, or ignores SIGCHLD, see wait(2)) or is doing so now. While it takes
 * signals (sigtimedwait(2), as tini does), the kernel shows them as not blocked.
 */
async function reaperOf(pid: number): Promise<LibvirtFacts['reaper']> {
  try {
    const parent = /^PPid:\s*(\d+)$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
    if (parent === undefined || parent === '0') return null;
    const status = await readFile(`/proc/${parent}/status`, 'utf8');
    const waiting = await readFile(`/proc/${parent}/wchan`, 'utf8').catch(() => '');
    return parseReaper(status, waiting);
  } catch {
    return null; // it ended meanwhile
  }
}

/** Reads `status` and `wchan` of proc(5). */
export function parseReaper(status: string, waiting: string): LibvirtFacts['reaper'] {
  const masks = [...status.matchAll(/^Sig(?:Blk|Ign|Cgt):\s*([0-9a-f]+)$/gm)];
  const told = masks.some(([, mask = '0']) => (BigInt(`0x${mask}`) & SIGCHLD) !== 0n);
  const name = /^Name:\s*(\S+)$/m.exec(status)?.[1] ?? '?';
  return { name, waits: told || /do_wait|sigtimedwait/.test(waiting) };
}
