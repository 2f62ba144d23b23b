// SPDX-License-Identifier: BSD-3-Clause
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RunningDaemon } from '../support/running-daemon.js';
import { inTerminal, KEYS, type Step } from '../support/terminal.js';
import type { BuildDocument } from '../../src/wire/index.js';

const COMMAND = join(import.meta.dirname, '../../dist/cli/main.js');
const run = promisify(execFile);

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'unicore-configure-'));
});
afterAll(() => rm(directory, { recursive: true }));

const configure = (args: string, steps: readonly Step[]) =>
  inTerminal(`cd ${directory} && node ${COMMAND} configure ${args}`, steps, {});

const CHANGE_GREETING: readonly Step[] = [
  ['Build options', KEYS.enter],
  ['What it says', KEYS.down + KEYS.enter],
  ['Please enter a string value', `!${KEYS.enter}`],
  ['Hello, world!!', KEYS.leave],
  ['Build options', KEYS.leave],
  ['Do you wish to save', KEYS.enter],
];

test('a menu without a daemon makes a file that the daemon builds', async () => {
  const chosen = await configure('helloworld -t linuxu-x86_64', CHANGE_GREETING);
  expect(chosen.exitCode, chosen.screen).toBe(0);
  const file = join(directory, 'helloworld.config');
  const text = await readFile(file, 'utf8');
  expect(text).toBe(
    'CONFIG_APPHELLOWORLD_GREETING="Hello, world!!"\nCONFIG_TARGET_LINUXU_X86_64=y\n',
  );
  const again = await configure('helloworld', [['Build options', KEYS.leave]]);
  expect(again.screen).toContain('nothing changed');
  expect(await readFile(file, 'utf8')).toBe(text);

  const daemon = await RunningDaemon.launch();
  try {
    const env = { PATH: process.env.PATH, UNICORE_STATE_DIR: daemon.stateDir };
    const args = [COMMAND, 'build', 'helloworld', '--config', file, '--json'];
    const { stdout } = await run(process.execPath, args, { env });
    const build = JSON.parse(stdout) as BuildDocument;
    expect(build.targets).toMatchObject([{ target: 'linuxu-x86_64', phase: 'succeeded' }]);
    const image = build.targets[0]?.image ?? '';
    const attached = await run(process.execPath, [COMMAND, 'run', image, '--attach'], { env });
    expect(attached.stdout).toContain('Hello, world!!\n');
    // The same by the API: the text as it is.
    const headers = { authorization: `Bearer ${daemon.token}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ app: 'helloworld', targets: ['linuxu-x86_64'], config: text });
    const answer = await fetch(`${daemon.url}/v1/builds`, { method: 'POST', headers, body });
    const { id } = (await answer.json()) as BuildDocument;
    const ended = await fetch(`${daemon.url}/v1/builds/${id}?wait=60`, { headers });
    expect(await ended.json()).toMatchObject({ targets: [{ image, cached: true }] });
  } finally {
    await daemon.end('SIGTERM');
    await rm(daemon.directory, { recursive: true });
  }
});

test('a menu needs a terminal, and an application that there is', async () => {
  const failed = async (...args: readonly string[]): Promise<string> => {
    const error = await run(process.execPath, [COMMAND, 'configure', ...args]).catch(
      (reason: unknown) => reason,
    );
    return (error as { stderr: string }).stderr;
  };
  expect(await failed('helloworld')).toContain('A menu needs a terminal');
  expect(await failed('helloworlt')).toContain('There is no application "helloworlt"');
  expect(await failed(directory)).toContain('is no application: it has no Kconfig');
  expect(await failed('helloworld', '-t', 'kvm-z80')).toContain('kvm-z80');
  expect(await failed('helloworld', '--pools', directory)).toContain('no library pools');
});
