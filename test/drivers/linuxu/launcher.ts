// SPDX-License-Identifier: BSD-3-Clause
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LinuxuDriver } from '../../../src/orchestrator/drivers/linuxu/linuxu-driver.js';
import type { LauncherSettings } from '../../../src/orchestrator/drivers/linuxu/launcher-process.js';

const SOURCES = fileURLToPath(new URL('../../../native/launcher', import.meta.url));

/** Compiles the launcher into the directory, with or without the sanitizers, and gives its path. */
export function buildLauncher(directory: string, variant: 'plain' | 'sanitized'): string {
  const goal = variant === 'plain' ? 'all' : 'sanitized';
  execFileSync('make', ['-s', '-C', SOURCES, goal, `OUT=${directory}`], { timeout: 120_000 });
  return join(directory, variant === 'plain' ? 'unicore-launcher' : 'unicore-launcher-sanitized');
}

/** A process of the machine, as /proc shows it. */
export interface MarkedProcess {
  readonly pid: number;
  readonly instance: string;
  readonly owner: string;
}

/** All processes that carry an ownership marker. */
export function markedProcesses(): readonly MarkedProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const environment = readEnvironment(name);
      const instance = environment.get('UNICORE_INSTANCE');
      const owner = environment.get('UNICORE_OWNER');
      return instance === undefined || owner === undefined
        ? []
        : [{ pid: Number(name), instance, owner }];
    });
}

function readEnvironment(pid: string): Map<string, string> {
  try {
    const pairs = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    return new Map(
      pairs.map((pair) => [pair.split('=', 1)[0] ?? '', pair.slice(pair.indexOf('=') + 1)]),
    );
  } catch {
    return new Map(); // it ended meanwhile
  }
}

/** A state directory with a launcher of its own, for one test file. */
export class LauncherBed {
  readonly directory = mkdtempSync(join(tmpdir(), 'unicore-linuxu-'));
  readonly settings: LauncherSettings;

  constructor(variant: 'plain' | 'sanitized', changes: Partial<LauncherSettings> = {}) {
    this.settings = {
      launcherPath: buildLauncher(this.directory, variant),
      stateDirectory: join(this.directory, 'state'),
      owner: `test-${randomUUID()}`,
      maxInstances: 2048,
      idleSeconds: 1,
      ...changes,
    };
  }

  connect(): LinuxuDriver {
    return new LinuxuDriver(this.settings);
  }

  instances(): readonly MarkedProcess[] {
    return markedProcesses().filter(({ owner }) => owner === this.settings.owner);
  }

  /** The launcher's process, found by the lock that it holds open; null if there is none. */
  launcherPid(): number | null {
    const arguments_ = `--state\0${this.settings.stateDirectory}\0`;
    const found = readdirSync('/proc').find((name) => {
      if (!/^\d+$/.test(name)) return false;
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(arguments_);
      } catch {
        return false;
      }
    });
    return found === undefined ? null : Number(found);
  }

  log(): string {
    return readFileSync(join(this.settings.stateDirectory, 'launcher.log'), 'utf8');
  }

  /** Waits until the launcher has ended by itself, and removes the directory. */
  async close(): Promise<void> {
    const giveUp = Date.now() + 30_000;
    while (this.launcherPid() !== null) {
      if (Date.now() > giveUp) throw new Error('the idle launcher did not end');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    rmSync(this.directory, { recursive: true });
  }
}

/** A process with another owner's marker. */
export function startStranger(path: string, id: string, owner = 'somebody-else'): ChildProcess {
  return spawn(path, [], {
    detached: true,
    env: { UNICORE_INSTANCE: id, UNICORE_OWNER: owner },
    stdio: ['ignore', 'ignore', 'ignore'],
  });
}
