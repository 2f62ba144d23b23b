// SPDX-License-Identifier: BSD-3-Clause
import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ReportScanner } from '../../../src/orchestrator/drivers/libvirt/console/lines.js';
import { RotatedLog } from '../../../src/orchestrator/drivers/libvirt/console/log.js';
import { exitOf } from '../../../src/orchestrator/drivers/libvirt/exit.js';

describe('ReportScanner', () => {
  const output = 'hello\r\nuc: ready 52000\r\nx uc: exit 9\nuc: panic: it’s bad\nuc: exit 3\n';
  const reports = [
    { type: 'ready', bootNanoseconds: 52000 },
    { type: 'panic', message: 'it’s bad' },
    { type: 'exit', code: 3 },
  ];

  test('finds the reports wherever the output is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(Buffer.byteLength(output))), (cuts) => {
        const scanner = new ReportScanner();
        const bytes = Buffer.from(output);
        const edges = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const found = edges
          .slice(1)
          .flatMap((edge, index) => scanner.scan(bytes.subarray(edges[index], edge)));
        expect(found).toEqual(reports);
      }),
    );
  });

  test('reads a last line without its end', () => {
    const scanner = new ReportScanner();
    expect(scanner.scan(Buffer.from('uc: exit 7'))).toEqual([]);
    expect(scanner.finish()).toEqual({ type: 'exit', code: 7 });
  });
});

describe('exitOf', () => {
  const evidence = { report: null, detail: null, destroyed: false, reportsExit: true };

  test('believes the guest before libvirt', () => {
    const exit = exitOf({ ...evidence, report: { type: 'exit', code: 4 }, detail: 5 });
    expect(exit).toMatchObject({ reason: 'exited', exitCode: 4 });
  });

  test('takes a reset without a report for a crash, unless the image cannot report', () => {
    expect(exitOf({ ...evidence, detail: 0 }).reason).toBe('crashed');
    expect(exitOf({ ...evidence, detail: 0, reportsExit: false }).reason).toBe('exited');
    expect(exitOf({ ...evidence, detail: 5 }).reason).toBe('crashed');
    expect(exitOf({ ...evidence, destroyed: true }).reason).toBe('destroyed');
    expect(exitOf(evidence).reason).toBe('unknown');
  });
});

describe('RotatedLog', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'uc-log-'));
    path = join(folder, 'log');
  });
  afterEach(async () => rm(folder, { recursive: true }));

  /** As virtlogd does, with two backups. */
  async function rotate(): Promise<void> {
    await rename(`${path}.0`, `${path}.1`).catch(() => undefined);
    await rename(path, `${path}.0`);
    await writeFile(path, '');
  }

  async function readAll(log: RotatedLog, from: number): Promise<[number, string][]> {
    const chunks: [number, string][] = [];
    for (let offset = from; ;) {
      const chunk = await log.read(offset);
      if (chunk === null) return chunks;
      chunks.push([chunk.offset, Buffer.from(chunk.data).toString()]);
      offset = chunk.offset + chunk.data.length;
    }
  }

  test('counts on over rotations, and shows a gap where files are gone', async () => {
    const log = new RotatedLog(path);
    expect(await log.read(0)).toBeNull();
    await writeFile(path, 'aaaa');
    expect(await readAll(log, 0)).toEqual([[0, 'aaaa']]);
    await appendFile(path, 'bb');
    await rotate();
    await appendFile(path, 'cccc');
    expect(await readAll(log, 4)).toEqual([
      [4, 'bb'],
      [6, 'cccc'],
    ]);
    await rotate();
    await appendFile(path, 'dddd');
    expect(await readAll(log, 10)).toEqual([[10, 'dddd']]);
    await rotate();
    await appendFile(path, 'e');
    expect(await readAll(log, 0)).toEqual([
      [6, 'cccc'],
      [10, 'dddd'],
      [14, 'e'],
    ]);
    await log.close();
  });

  test('goes on from a position of an earlier process', async () => {
    const before = new RotatedLog(path);
    await writeFile(path, 'aaaa');
    await readAll(before, 0);
    const { position } = before;
    await before.close();
    await rotate();
    await appendFile(path, 'bb');
    await rotate();
    await appendFile(path, 'cc');
    const after = new RotatedLog(path, position);
    expect(await readAll(after, 5)).toEqual([
      [5, 'b'],
      [6, 'cc'],
    ]);
    await after.close();
  });
});
