// SPDX-License-Identifier: BSD-3-Clause
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isCommandError } from './command-error.js';
import { processStartTime, signalProcessGroup } from './process-group.js';
import { runCommand, type CommandOptions, type CommandResult } from './run-command.js';

const WAIT = { timeout: 20_000, interval: 10 };

function shell(script: string, options?: CommandOptions): Promise<CommandResult> {
  return runCommand('/bin/sh', ['-c', script], options);
}

/** Whether a process runs: it exists and is not a zombie that waits for its parent. */
async function runs(pid: number): Promise<boolean> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
  } catch {
    return false;
  }
}

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('runCommand', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'unicore-command-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  async function pidsIn(file: string, count: number): Promise<number[]> {
    return vi.waitFor(async () => {
      const pids = (await readFile(join(directory, file), 'utf8')).trim().split('\n').map(Number);
      expect(pids).toHaveLength(count);
      return pids;
    }, WAIT);
  }

  it('gives exit code, stdout and stderr', async () => {
    expect(await shell('echo out; echo err >&2; exit 3')).toEqual({
      exitCode: 3,
      signal: null,
      stdout: 'out\n',
      stderr: 'err\n',
    });
  });

  it('gives the signal that ended the command', async () => {
    expect(await shell('kill -USR1 $$')).toMatchObject({ exitCode: null, signal: 'SIGUSR1' });
  });

  it('passes arguments as they are', async () => {
    const hostile = ['$(id)', '`id`', '; id', '"', "'", 'a\nb', '\\', '*'];
    const result = await runCommand('printf', ['%s|', ...hostile]);
    expect(result.stdout).toBe(`${hostile.join('|')}|`);
  });

  it('hands on nothing of its own environment', async () => {
    vi.stubEnv('UNICORE_TEST_SECRET', 'secret');
    try {
      expect((await runCommand('env', [])).stdout).not.toContain('secret');
      const given = await runCommand('/usr/bin/env', [], { environment: { ONLY: 'this' } });
      expect(given.stdout).toBe('ONLY=this\n');
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it('hands over standard input, and takes it when the command does not read it', async () => {
    const input = Buffer.from('one\ntwo\n');
    expect((await runCommand('cat', [], { input })).stdout).toBe('one\ntwo\n');
    const unread = Buffer.alloc(4 * 1024 * 1024);
    expect((await runCommand('true', [], { input: unread })).exitCode).toBe(0);
  });

  it('runs in the given directory, with an empty stdin', async () => {
    expect((await shell('pwd; cat', { cwd: directory })).stdout).toBe(`${directory}\n`);
  });

  it('tells a missing program from one that cannot be started', async () => {
    expect(isCommandError(await failureOf(runCommand('/no/such', [])), 'not-found')).toBe(true);
    expect(isCommandError(await failureOf(runCommand('no-such-name', [])), 'not-found')).toBe(true);
    expect(isCommandError(await failureOf(runCommand(directory, [])), 'not-started')).toBe(true);
    const gone = runCommand('true', [], { cwd: join(directory, 'gone') });
    expect(isCommandError(await failureOf(gone), 'not-found')).toBe(true);
    expect(isCommandError(await failureOf(runCommand('a\0b', [])), 'not-started')).toBe(true);
  });

  it('streams output, and keeps none of it unless asked', async () => {
    let streamed = '';
    const result = await shell('echo one; echo two >&2', {
      capture: false,
      onOutput: (chunk, stream) => (streamed += `${stream}:${chunk.toString()}`),
    });
    expect(streamed).toContain('stdout:one\n');
    expect(streamed).toContain('stderr:two\n');
    expect(result).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
  });

  it('ends a command that runs too long, although it ignores SIGTERM, and all that it forked', async () => {
    const script = `trap '' TERM; echo $$ >>pids; (trap '' TERM; sh -c 'echo $$ >>pids; exec sleep 1000') & while :; do sleep 1; done`;
    const error = failureOf(
      shell(script, { cwd: directory, timeoutMilliseconds: 1_000, killAfterMilliseconds: 100 }),
    );
    const pids = await pidsIn('pids', 2);
    expect(isCommandError(await error, 'timed-out')).toBe(true);
    for (const pid of pids) await vi.waitFor(async () => expect(await runs(pid)).toBe(false), WAIT);
  });

  it('gives a command that heeds SIGTERM the time to clean up', async () => {
    const started = Promise.withResolvers<undefined>();
    const controller = new AbortController();
    const running = failureOf(
      shell(`trap 'echo cleaned >done; exit 0' TERM; echo started; while :; do sleep 0.05; done`, {
        cwd: directory,
        killAfterMilliseconds: 60_000,
        signal: controller.signal,
        onOutput: () => started.resolve(undefined),
      }),
    );
    await started.promise;
    const reason = new Error('no longer wanted');
    controller.abort(reason);
    expect(await running).toBe(reason);
    expect(await readFile(join(directory, 'done'), 'utf8')).toBe('cleaned\n');
  });

  it('does not start a command whose signal has fired', async () => {
    const reason = new Error('too late');
    const running = shell('echo >made', { cwd: directory, signal: AbortSignal.abort(reason) });
    expect(await failureOf(running)).toBe(reason);
    await expect(readFile(join(directory, 'made'))).rejects.toThrow('ENOENT');
  });

  it('ends a command that floods its output, and passes on no more than the limit', async () => {
    let bytes = 0;
    const error = await failureOf(
      runCommand('yes', [], {
        maxOutputBytes: 100_000,
        onOutput: (chunk) => (bytes += chunk.length),
      }),
    );
    expect(isCommandError(error, 'output-too-large')).toBe(true);
    expect(bytes).toBeLessThanOrEqual(100_000);
  });

  it('kills what a command leaves behind when it ends by itself', async () => {
    const result = await shell(
      `sh -c 'echo $$ >>pids; exec sleep 1000' & while ! test -s pids; do sleep 0.01; done; echo done`,
      {
        cwd: directory,
      },
    );
    expect(result).toMatchObject({ exitCode: 0, stdout: 'done\n' });
    const [pid] = await pidsIn('pids', 1);
    await vi.waitFor(async () => expect(await runs(pid!)).toBe(false), WAIT);
  });

  it('is not held up by a descendant that left the group and keeps the output open', async () => {
    const result = await shell(
      `setsid sh -c 'echo $$ >>pids; exec sleep 1000' & while ! test -s pids; do sleep 0.01; done`,
      { cwd: directory },
    );
    expect(result.exitCode).toBe(0);
    const [pid] = await pidsIn('pids', 1);
    signalProcessGroup(pid!, 'SIGKILL');
    await vi.waitFor(async () => expect(await runs(pid!)).toBe(false), WAIT);
  });

  it('leaves no zombie', async () => {
    let pid = 0;
    await shell('exit 0', { onStart: (started) => (pid = started) });
    expect(pid).toBeGreaterThan(1);
    await expect(readFile(`/proc/${pid}/stat`)).rejects.toThrow('ENOENT');
  });
});

describe('processStartTime', () => {
  it('is constant for a process and null for none', () => {
    expect(processStartTime(process.pid)).toBeGreaterThan(0);
    expect(processStartTime(process.pid)).toBe(processStartTime(process.pid));
    expect(processStartTime(2 ** 30)).toBeNull();
  });
});

describe('signalProcessGroup', () => {
  it('refuses numbers that would reach everything, and accepts an empty group', () => {
    for (const group of [0, 1, -1, NaN]) {
      expect(() => signalProcessGroup(group, 'SIGTERM')).toThrow(RangeError);
    }
    expect(() => signalProcessGroup(2 ** 22 - 1, 'SIGTERM')).not.toThrow();
  });
});
