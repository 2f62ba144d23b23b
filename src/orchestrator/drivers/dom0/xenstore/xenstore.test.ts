// SPDX-License-Identifier: BSD-3-Clause
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  connectAnswering as connect,
  errorReply as error,
  eventReply,
  textReply as text,
} from '../../../../../test/support/answering-xenstored.js';
import { encodeMessage, MESSAGE, type Message, stringsOf } from './wire.js';

const unavailable = { code: 'HOST_UNAVAILABLE' };

describe('requests', () => {
  it('gives each its own reply, in whatever order they come', async () => {
    const held: Message[] = [];
    const { xenstore, server } = connect((request) => {
      held.push(request);
      return null;
    });
    const values = ['/a', '/b', '/c'].map((path) => xenstore.read(path));
    await expect.poll(() => held.length).toBe(3);
    for (const { payload, ...rest } of held.reverse()) {
      server.write(encodeMessage({ ...rest, payload: payload.subarray(0, -1) }));
    }
    expect((await Promise.all(values)).map(String)).toEqual(['/a', '/b', '/c']);
  });

  it('has null for what is not there, and an error by its name for what is refused', async () => {
    const { xenstore } = connect(({ payload }) =>
      error(payload.toString() === '/none\0' ? 'ENOENT' : 'EACCES'),
    );
    expect(await xenstore.read('/none')).toBeNull();
    expect(await xenstore.directory('/none')).toBeNull();
    const refused = { code: 'DRIVER_FAILED', reason: 'EACCES' };
    await expect(xenstore.read('/secret')).rejects.toMatchObject(refused);
    await expect(xenstore.write('/secret', 'x')).rejects.toMatchObject(refused);
  });

  it('takes an error that has no name for EIO', async () => {
    const { xenstore } = connect(() => error('\u001b[2J'));
    await expect(xenstore.read('/a')).rejects.toMatchObject({ reason: 'EIO' });
  });

  it('sends no path that would be another, and nothing that is too long', async () => {
    const { xenstore } = connect(() => text('x'));
    await expect(xenstore.read('/a\0/b')).rejects.toMatchObject({ reason: 'EINVAL' });
    await expect(xenstore.read(`/${'a'.repeat(3072)}`)).rejects.toMatchObject({ reason: 'EINVAL' });
    await expect(xenstore.write('/a', 'x'.repeat(4096))).rejects.toMatchObject({ reason: 'E2BIG' });
    expect(String(await xenstore.read('/a'))).toBe('x');
  });

  it('lists a folder that is too large for one message, anew if it changes', async () => {
    const names = Array.from({ length: 100 }, (_, index) => `name-${index}`);
    const all = names.map((name) => `${name}\0`).join('');
    let asked = 0;
    const { xenstore } = connect(({ type, payload }) => {
      if (type === MESSAGE.DIRECTORY) return error('E2BIG');
      asked++;
      const from = Number(stringsOf(payload)[1]);
      const to = all.lastIndexOf('\0', from + 299) + 1;
      return text(`${asked < 3 ? 1 : 2}\0${all.slice(from, to)}${to === all.length ? '\0' : ''}`);
    });
    expect(await xenstore.directory('/local/domain')).toEqual(names);
  });
});

describe('watches', () => {
  it('tell their own listener, until they are ended', async () => {
    const { xenstore } = connect(({ type, payload }) => {
      const [path = '', token] = stringsOf(payload);
      if (type === MESSAGE.WRITE)
        return [
          eventReply('/a/x', '1'),
          eventReply('/b/y', '2'),
          eventReply('/c', '9'),
          text('OK\0'),
        ];
      return type === MESSAGE.WATCH ? [text('OK\0'), eventReply(path, token)] : text('OK\0');
    });
    const seen: string[] = [];
    const end = await xenstore.watch('/a', (path) => seen.push(`a ${path}`));
    await xenstore.watch('/b', (path) => seen.push(`b ${path}`));
    await xenstore.write('/x', '');
    await end();
    await xenstore.write('/x', '');
    expect(seen).toEqual(['a /a', 'b /b', 'a /a/x', 'b /b/y', 'b /b/y']);
  });
});

describe('transactions', () => {
  function store(refusals: number) {
    const log: string[] = [];
    let number = 0;
    const { xenstore } = connect(({ type, transaction, payload }) => {
      if (type === MESSAGE.TRANSACTION_START) return text(`${++number}\0`);
      if (type === MESSAGE.TRANSACTION_END) {
        log.push(`${transaction} ${stringsOf(payload)[0] ?? ''}`);
        return number <= refusals ? error('EAGAIN') : text('OK\0');
      }
      log.push(`${transaction} ${String(type)}`);
      return text('OK\0');
    });
    return { xenstore, log };
  }

  it('are done again when others came between', async () => {
    const { xenstore, log } = store(2);
    expect(
      await xenstore.transaction(async (view) => {
        await view.write('/a', '1');
        return 'done';
      }),
    ).toBe('done');
    expect(log).toEqual(['1 11', '1 T', '2 11', '2 T', '3 11', '3 T']);
  });

  it('are given up some time', async () => {
    const { xenstore, log } = store(Infinity);
    const work = xenstore.transaction(() => Promise.resolve());
    await expect(work).rejects.toMatchObject({ reason: 'EAGAIN' });
    expect(log).toHaveLength(100);
  });

  it('are undone by an error, which is passed on', async () => {
    const { xenstore, log } = store(0);
    const work = xenstore.transaction(() => Promise.reject(new Error('no')));
    await expect(work).rejects.toThrow('no');
    expect(log).toEqual(['1 F']);
  });

  it.each(['', '0\0', '-1\0', '99999999999\0', 'x\0'])('have no number like %j', async (number) => {
    const { xenstore } = connect(() => text(number));
    const work = xenstore.transaction(() => Promise.resolve());
    await expect(work).rejects.toMatchObject({ reason: 'EIO' });
  });
});

describe('the end of the connection', () => {
  it('ends what waits, and what comes after', async () => {
    const { xenstore, server } = connect(() => null);
    const waiting = xenstore.read('/a');
    server.destroy();
    await expect(waiting).rejects.toMatchObject(unavailable);
    await xenstore.ended;
    await expect(xenstore.read('/a')).rejects.toMatchObject(unavailable);
  });

  it('comes with an answer that does not come in time', async () => {
    const { xenstore } = connect(
      ({ payload }) => (payload.toString() === '/a\0' ? text('x') : null),
      20,
    );
    expect(String(await xenstore.read('/a'))).toBe('x');
    await expect(xenstore.read('/b')).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    await xenstore.ended;
  });

  it.each([
    ['a reply to nothing', { requestId: 77 }],
    ['a reply of another type', { type: MESSAGE.WRITE }],
    ['half an event', { type: MESSAGE.WATCH_EVENT, payload: Buffer.from('/a') }],
  ])('comes with %s', async (_what, reply) => {
    const { xenstore } = connect(() => reply);
    await expect(xenstore.read('/a')).rejects.toMatchObject(unavailable);
    await xenstore.ended;
  });

  it('is the worst that hostile bytes do', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (bytes) => {
        const { xenstore, server } = connect(() => null);
        const waiting = xenstore.read('/a').then(
          () => 'answered',
          (reason: unknown) => (reason as { code?: string }).code,
        );
        server.write(bytes);
        server.end();
        expect(['answered', 'HOST_UNAVAILABLE', 'DRIVER_FAILED']).toContain(await waiting);
        xenstore.close();
      }),
      { numRuns: 200 },
    );
  });

  it('stops at the number of requests that may wait', async () => {
    const { xenstore } = connect(() => null);
    const waiting = Array.from({ length: 4096 }, () => xenstore.read('/a'));
    await expect(xenstore.read('/a')).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    xenstore.close();
    const ends = await Promise.allSettled(waiting);
    expect(ends.every(({ status }) => status === 'rejected')).toBe(true);
  });
});
