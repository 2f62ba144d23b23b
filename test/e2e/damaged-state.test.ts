// SPDX-License-Identifier: BSD-3-Clause
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DaemonProcess } from './daemon-process.js';

/** Behind the header of the log and that of its first frame. */
const IN_FIRST_PAGE = 32 + 24 + 100;

let daemon: DaemonProcess;
beforeAll(async () => {
  daemon = await DaemonProcess.start();
});
afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
});

test('a damaged log keeps the daemon from starting, says what to do, and is left as it is', async () => {
  const { id } = await daemon.create({ app: 'daemonhello', target: 'linuxu-x86_64' });
  await daemon.end('SIGKILL');
  const log = join(daemon.stateDir, 'state.db-wal');
  const good = await readFile(log);
  const bad = Buffer.from(good);
  bad.fill(0xa5, IN_FIRST_PAGE, IN_FIRST_PAGE + 8);
  await writeFile(log, bad);
  await expect(daemon.start()).rejects.toThrow(/is damaged .*Put a backup .*\[STATE_CORRUPT\]/);
  expect((await readFile(log)).equals(bad)).toBe(true);

  await writeFile(log, good);
  await daemon.start();
  const phase = async () => (await daemon.get(`/v1/instances/${id}`)).body as unknown;
  await expect.poll(phase, { timeout: 30_000 }).toMatchObject({ phase: 'running', restarts: 0 });
});
