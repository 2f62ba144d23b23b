// SPDX-License-Identifier: BSD-3-Clause
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { afterEach, expect, it } from 'vitest';

const LOGGER = new URL('../../../src/api/logging/logger.ts', import.meta.url).href;
const IMPORTS = new URL('../../typescript-imports.mjs', import.meta.url).href;

let child: ChildProcess | null = null;

afterEach(() => {
  child?.kill('SIGKILL');
  child = null;
});

/** A process of its own with `logger`, whose standard error and output are ours to read. */
function run(script: string, output: number | 'pipe' = 'pipe'): ChildProcess {
  const code = `
    const { createLogger } = await import(${JSON.stringify(LOGGER)});
    const logger = createLogger({ level: 'info' });
    ${script}`;
  const flags = ['--import', IMPORTS, '--input-type=module', '--eval', code];
  child = spawn(process.execPath, flags, { stdio: ['ignore', output, 'pipe'] });
  return child;
}

async function linesOf(script: string): Promise<readonly string[]> {
  const process = run(script);
  let text = '';
  process.stdout?.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  process.stderr?.resume();
  await once(process, 'close');
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => String((JSON.parse(line) as { msg: unknown }).msg));
}

/** What a stream gives until it has given this. */
async function readUntil(stream: Readable | null, end: string): Promise<string> {
  let text = '';
  for await (const piece of stream ?? []) {
    text += String(piece);
    if (text.includes(end)) break;
  }
  return text;
}

const HUNDRED = Array.from({ length: 100 }, (_, index) => `line ${index}`);
const SAY_HUNDRED = `for (let n = 0; n < 100; n++) logger.info('line ' + n);`;

it.each([
  ['ends by itself', ''],
  ['is ended', 'process.exit(3);'],
  ['dies of an error that nobody catches', `throw new Error('unexpected');`],
])('has written every line, in order, when the process %s', async (_, end) => {
  expect(await linesOf(`${SAY_HUNDRED} ${end}`)).toEqual(HUNDRED);
});

it('writes what was gathered before long, while the process goes on', async () => {
  const process = run(`${SAY_HUNDRED} setInterval(() => {}, 1000);`);
  expect(await readUntil(process.stdout, 'line 99')).toContain('line 0');
});

it('writes a warning with all before it, while the process is busy and comes to no timer', async () => {
  const process = run(`
    logger.info('before');
    logger.warn('the warning');
    for (;;);`);
  expect(await readUntil(process.stdout, 'the warning')).toContain('before');
});

it('does not stand still when nobody reads, and keeps only so much for a reader', async () => {
  const process = run(`
    const long = 'x'.repeat(10_000);
    for (let n = 0; n < 2_000; n++) {
      logger.info(long);
      if (n % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    }
    process.on('SIGTERM', () => process.exit());
    console.error('went on');
    setInterval(() => {}, 1000);`);
  process.stdout?.pause();
  await readUntil(process.stderr, 'went on');
  process.kill('SIGTERM');
  let bytes = 0;
  for await (const piece of process.stdout ?? []) bytes += (piece as Buffer).length;
  // Of 20 MB that were said.
  expect(bytes).toBeGreaterThan(3_000_000);
  expect(bytes).toBeLessThan(5_000_000);
});

it.each([
  ['says something more', `setTimeout(() => logger.info('more'), 20);`],
  ['says something at its end', `process.on('exit', () => logger.info('more'));`],
  ['says something before its end', `logger.info('more'); process.exit(0);`],
])('ends although its reader has hung up, when it %s', async (_, more) => {
  const process = run(`
    console.error('begins');
    setTimeout(() => { ${more} }, 200);
    setTimeout(() => process.exit(0), 500);`);
  process.stdout?.destroy();
  await readUntil(process.stderr, 'begins');
  expect(await once(process, 'exit')).toEqual([0, null]);
});

it('goes on when the disk of its log is full, and does not fill memory', async () => {
  const full = openSync('/dev/full', 'w');
  const process = run(
    `
    for (let n = 0; n < 100; n++) {
      logger.warn('line ' + n);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    console.error('went on');`,
    full,
  );
  closeSync(full);
  expect(await readUntil(process.stderr, 'went on')).toContain('went on');
  expect(await once(process, 'exit')).toEqual([0, null]);
});
