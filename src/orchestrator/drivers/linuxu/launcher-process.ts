// SPDX-License-Identifier: BSD-3-Clause
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf, UnicoreError } from '../../../errors/index.js';

/** Where the build puts the launcher: `dist/native/`, seen from `dist/orchestrator/drivers/linuxu/`. */
export const LAUNCHER_PATH = fileURLToPath(
  new URL('../../../native/unicore-launcher', import.meta.url),
);

export interface LauncherSettings {
  /** Path of the launcher's program. */
  readonly launcherPath: string;
  /** Directory for its socket, lock and log. Made if it is not there. */
  readonly stateDirectory: string;
  /** The ownership marker: 1 to 64 characters of `[A-Za-z0-9._-]`. */
  readonly owner: string;
  /** How many instances it may hold. */
  readonly maxInstances: number;
  /** How long it stays without an instance and a daemon, in seconds. */
  readonly idleSeconds: number;
}

/** `EX_TEMPFAIL`: another launcher holds the directory. */
const EXIT_BUSY = 75;
const START_MILLISECONDS = 10_000;

/**
 * User ids that nobody else assigns: those from 1,879,048,192 to 2,147,483,647 are left free by systemd's scheme
 * (https://systemd.io/UIDS-GIDS). Owners get different parts of them by their hash.
 */
const UID_FIRST = 1_879_048_192;
const UID_END = 2_147_483_647;

/** The first of the user ids for instances, or null if this process cannot give them away. */
export function uidBase(settings: LauncherSettings): number | null {
  if (process.geteuid?.() !== 0) return null;
  const shares = Math.floor((UID_END - UID_FIRST) / settings.maxInstances);
  const hash = createHash('sha256').update(settings.owner).digest().readUInt32LE(0);
  const base = UID_FIRST + (hash % shares) * settings.maxInstances;
  // In a user namespace only some ids exist: "inside outside count" (user_namespaces(7)).
  const mapped = readFileSync('/proc/self/uid_map', 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .some(
      ([first = 0, , count = 0]) => base >= first && base + settings.maxInstances <= first + count,
    );
  return mapped ? base : null;
}

function launcherArguments(settings: LauncherSettings): string[] {
  const base = uidBase(settings);
  return [
    ...['--state', settings.stateDirectory, '--owner', settings.owner],
    ...['--max-instances', String(settings.maxInstances)],
    ...['--idle-seconds', String(settings.idleSeconds)],
    ...(base === null ? [] : ['--uid-base', String(base)]),
  ];
}

/**
 * Starts a launcher in a session of its own and resolves when it listens, or when another one already does.
 * @throws HOST_UNAVAILABLE
 */
export async function startLauncher(settings: LauncherSettings): Promise<void> {
  await mkdir(settings.stateDirectory, { recursive: true, mode: 0o700 });
  const log = openSync(join(settings.stateDirectory, 'launcher.log'), 'a', 0o600);
  try {
    await untilListening(settings, log);
  } finally {
    closeSync(log);
  }
}

function untilListening(settings: LauncherSettings, log: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (detail: string) => {
      clearTimeout(deadline);
      reject(
        new UnicoreError('HOST_UNAVAILABLE', `The linuxu launcher could not be started: ${detail}`),
      );
    };
    const child = spawn(settings.launcherPath, launcherArguments(settings), {
      cwd: '/',
      detached: true,
      env: {},
      stdio: ['ignore', 'pipe', log],
    });
    const deadline = setTimeout(() => {
      child.kill('SIGKILL');
      refuse(`it did not listen within ${START_MILLISECONDS / 1000} s`);
    }, START_MILLISECONDS);
    child.on('error', (error) => refuse(messageOf(error)));
    child.on('exit', (code, signal) => {
      clearTimeout(deadline);
      if (code === EXIT_BUSY) resolve();
      else refuse(`it ended with ${signal ?? `code ${code ?? 0}`}; see launcher.log`);
    });
    child.stdout?.once('data', () => {
      clearTimeout(deadline);
      child.stdout?.destroy();
      child.unref();
      resolve();
    });
  });
}
