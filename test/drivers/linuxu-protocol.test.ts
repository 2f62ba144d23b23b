// SPDX-License-Identifier: BSD-3-Clause
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  encodeFrame,
  FrameSplitter,
  PayloadWriter,
  type Frame,
} from '../../src/orchestrator/drivers/linuxu/frames.js';
import { encodeHello, REPLY_BIT, REQUEST } from '../../src/orchestrator/drivers/linuxu/protocol.js';
import { DriverSession } from './contract/session.js';
import { compileGuest } from './linuxu/guests.js';
import { LauncherBed } from './linuxu/launcher.js';

const ID = '01234567-89ab-cdef-0123-456789abcdef';

test('the launcher’s pieces keep to their models', () => {
  const directory = mkdtempSync(join(tmpdir(), 'unicore-launcher-pieces-'));
  const sources = fileURLToPath(new URL('../../native/launcher', import.meta.url));
  const output = execFileSync('make', ['-s', '-C', sources, 'check', `OUT=${directory}`]);
  expect(String(output)).toContain('ok');
  rmSync(directory, { recursive: true });
});

test('frames survive any cutting of the stream', () => {
  const frame = fc.record({
    type: fc.nat(0xffff),
    request: fc.nat(),
    payload: fc.uint8Array({ maxLength: 300 }),
  });
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 8 }), fc.array(fc.nat(64)), (frames, cuts) => {
      const bytes = Buffer.concat(
        frames.map(({ type, request, payload }) =>
          encodeFrame(type, request, Buffer.from(payload)),
        ),
      );
      const splitter = new FrameSplitter();
      const got: Frame[] = [];
      let at = 0;
      for (const cut of cuts) {
        got.push(...splitter.push(bytes.subarray(at, at + cut)));
        at = Math.min(at + cut, bytes.length);
      }
      got.push(...splitter.push(bytes.subarray(at)));
      expect(
        got.map(({ type, request, payload }) => ({ type, request, payload: [...payload] })),
      ).toEqual(frames.map((sent) => ({ ...sent, payload: [...sent.payload] })));
    }),
  );
});

describe('a launcher with sanitizers, spoken to badly', () => {
  let bed: LauncherBed;
  let session: DriverSession;

  beforeAll(async () => {
    bed = new LauncherBed('sanitized');
    session = await open();
  });
  afterAll(async () => {
    await session.end();
    const log = bed.log();
    await bed.close();
    // Sanitizers would have written here.
    const lines = log.split('\n').filter((line) => line !== '');
    expect(lines.filter((line) => !line.includes('a client broke the protocol'))).toEqual([]);
  });

  const open = () =>
    DriverSession.open({
      connect: () => bed.connect(),
      memoryBytes: 4 << 20,
      patienceMilliseconds: 20_000,
    });

  const raw = async (): Promise<Socket> => {
    const socket = connect(join(bed.settings.stateDirectory, 'launcher.sock'));
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  };
  const hello = () => encodeFrame(REQUEST.hello, 1, encodeHello(bed.settings.owner, null));

  /** What came until the launcher closed the connection. */
  const untilClosed = async (socket: Socket): Promise<Frame[]> => {
    const splitter = new FrameSplitter();
    const frames: Frame[] = [];
    socket.on('data', (bytes: Buffer) => frames.push(...splitter.push(bytes)));
    await once(socket, 'close');
    return frames;
  };

  /** A new daemon finds the launcher in order, and takes over. */
  const expectInOrder = async () => {
    await session.driver.close();
    session = await open();
    const id = await session.start({ image: compileGuest(bed.directory, 'hello'), args: [] });
    expect((await session.untilEnded(id)).exitCode).toBe(0);
    await session.driver.destroy(id);
  };

  const uuid = () => new PayloadWriter().uuid(ID);
  test.each<[string, () => Buffer[]]>([
    ['a request before the greeting', () => [encodeFrame(REQUEST.list, 1, Buffer.alloc(4))]],
    ['a second greeting', () => [hello(), hello()]],
    ['a length beyond the limit', () => [hello(), Buffer.from('ffffffff0500000001000000', 'hex')]],
    ['a type that is none', () => [hello(), encodeFrame(99, 1, Buffer.alloc(0))]],
    ['a status in a request', () => [hello(), Buffer.from('000000000600010001000000', 'hex')]],
    ['a payload too short', () => [hello(), encodeFrame(REQUEST.list, 1, Buffer.alloc(3))]],
    ['a payload too long', () => [hello(), encodeFrame(REQUEST.list, 1, Buffer.alloc(5))]],
    ['a signal that is none', () => [hello(), encodeFrame(REQUEST.signal, 1, uuid().u8(9).done())]],
    [
      'a text that says it is longer',
      () => [hello(), encodeFrame(REQUEST.create, 1, uuid().u64(1).u32(0).u16(9999).done())],
    ],
    [
      'a NUL in a path',
      () => [
        hello(),
        encodeFrame(
          REQUEST.create,
          1,
          uuid().u64(1).u32(0).text('name').text('/bin/true\0x').u16(0).done(),
        ),
      ],
    ],
    [
      'more arguments than there are',
      () => [
        hello(),
        encodeFrame(
          REQUEST.create,
          1,
          uuid().u64(1).u32(0).text('name').text('/bin/true').u16(65_535).done(),
        ),
      ],
    ],
  ])('%s closes the connection', async (_, frames) => {
    const socket = await raw();
    const closed = untilClosed(socket);
    socket.write(Buffer.concat(frames()));
    await closed;
    await expectInOrder();
  });

  test('random requests do no harm', async () => {
    const payload = fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      fc.uint8Array({ minLength: 17, maxLength: 17 }),
      fc.uint8Array({ minLength: 28, maxLength: 28 }),
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
    );
    const frame = fc.tuple(fc.integer({ min: 1, max: 10 }), fc.nat(), payload);
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { maxLength: 10 }), async (frames) => {
        const socket = await raw();
        const closed = untilClosed(socket);
        const bytes = frames.map(([type, request, bytes]) =>
          encodeFrame(type, request, Buffer.from(bytes)),
        );
        socket.write(hello());
        socket.end(Buffer.concat(bytes));
        const replies = (await closed).filter(({ type }) => (type & REPLY_BIT) !== 0);
        expect(replies.length).toBeLessThanOrEqual(frames.length + 1);
      }),
      { numRuns: 300 },
    );
    await expectInOrder();
  });

  test('random bytes do no harm', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), async (bytes) => {
        const socket = await raw();
        const closed = untilClosed(socket);
        socket.end(bytes);
        await closed;
      }),
      { numRuns: 200 },
    );
    await expectInOrder();
  });

  test('a client that never reads holds up no other', async () => {
    const socket = await raw();
    socket.pause();
    socket.write(hello());
    const list = encodeFrame(REQUEST.list, 1, Buffer.alloc(4));
    socket.write(Buffer.concat(Array.from({ length: 50_000 }, () => list)));
    await expectInOrder();
    socket.destroy();
  });

  test('silent connections keep no daemon out', async () => {
    const sockets = await Promise.all(Array.from({ length: 10 }, () => raw()));
    await expectInOrder();
    for (const socket of sockets) socket.destroy();
  });

  test('a connection that breaks in the middle of a request leaves nothing', async () => {
    const { path } = compileGuest(bed.directory, 'daemon');
    const create = uuid()
      .u64(1 << 22)
      .u32(0)
      .text('cut')
      .text(path)
      .u16(0)
      .done();
    const frame = encodeFrame(REQUEST.create, 2, create);
    const socket = await raw();
    socket.write(hello());
    socket.end(frame.subarray(0, frame.length - 1));
    await untilClosed(socket);
    await expectInOrder();
    expect(bed.instances()).toEqual([]);
  });
});
