// SPDX-License-Identifier: BSD-3-Clause
import { readFile, rm } from 'node:fs/promises';
import { afterEach, expect, test } from 'vitest';
import { RunningDaemon } from '../support/running-daemon.js';

let daemon: RunningDaemon;

afterEach(async () => {
  await daemon.end('SIGTERM');
  await rm(daemon.directory, { recursive: true, force: true });
});

test('the daemon bounds its own heap, and is still the process that was started', async () => {
  daemon = await RunningDaemon.launch({ toml: '[[hosts]]\nid = "local"\ndriver = "linuxu"\n' });
  const words = (await readFile(`/proc/${daemon.pid}/cmdline`, 'utf8')).split('\0');
  expect(words.slice(1, -1)).toEqual([
    '--max-semi-space-size=8',
    expect.stringMatching(/daemon\/main\.js$/),
    '--config',
    expect.stringMatching(/unicore\.toml$/),
  ]);
});
