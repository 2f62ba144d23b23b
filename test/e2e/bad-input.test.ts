// SPDX-License-Identifier: BSD-3-Clause
import { access, appendFile, cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import request from 'supertest';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { problemSchema } from '../../src/wire/index.js';
import { DaemonProcess, processesNaming } from './daemon-process.js';
import { A_DEAD_HOST, startDaemonOnHosts, type DaemonOnHosts } from './hosts.js';

const POOLS = fileURLToPath(new URL('../../pools', import.meta.url));
const HELLO = { app: 'helloworld', target: 'linuxu-x86_64' };

let hosts: DaemonOnHosts;
let daemon: DaemonProcess;
beforeAll(async () => {
  hosts = await startDaemonOnHosts(A_DEAD_HOST);
  daemon = hosts.daemon;
});
afterAll(() => hosts[Symbol.asyncDispose]());

// After each: the daemon goes on, and nothing was left behind.
afterEach(async () => {
  expect((await daemon.get('/healthz')).status).toBe(200);
  expect((await daemon.get('/v1/instances')).body).toEqual({ items: [], next: null });
});

async function refused(body: object, status: number, code: string, field?: string) {
  const answer = await daemon.post('/v1/instances', body);
  expect(answer.headers['content-type']).toContain('application/problem+json');
  const problem = problemSchema.parse(answer.body);
  expect(problem).toMatchObject({ status, code });
  if (field !== undefined) expect(problem.errors?.map(({ path }) => path)).toContain(field);
}

test('an unknown app', () => refused({ ...HELLO, app: 'nothing' }, 422, 'UNKNOWN_APP'));
test('an unknown symbol', () =>
  refused({ ...HELLO, symbols: { NO_SUCH_SYMBOL: 'y' } }, 422, 'UNKNOWN_SYMBOL'));
test('an unknown target', () => refused({ ...HELLO, target: 'vax-vax' }, 422, 'UNKNOWN_TARGET'));
test.each(['../../etc', '/etc/passwd', 'a/../b', '..', '.hidden', 'a\0b'])(
  'a path trick in a name: %j',
  async (trick) => {
    await refused({ ...HELLO, app: trick }, 422, 'INVALID_REQUEST', 'app');
    await refused({ ...HELLO, name: trick }, 422, 'INVALID_REQUEST', 'name');
    const path = `/v1/apps/${encodeURIComponent(trick)}`;
    expect([400, 404, 422]).toContain((await daemon.get(path)).status);
  },
);

test('malformed JSON', async () => {
  const answer = await daemon.post('/v1/instances').type('json').send('{"app": helloworld}');
  expect(answer.body).toMatchObject({ status: 400, code: 'MALFORMED_JSON' });
});

test('a body of 2 GiB', async () => {
  const { port } = new URL(daemon.url);
  const socket = connect(Number(port), '127.0.0.1');
  socket.write(
    `POST /v1/instances HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${daemon.token}\r\n` +
      'Content-Type: application/json\r\nContent-Length: 2147483648\r\n\r\n{',
  );
  const [head] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  expect(head.toString()).toContain(' 413 ');
});

test('a wrong token', async () => {
  const answer = await request(daemon.url).get('/v1/apps').auth('wrong', { type: 'bearer' });
  expect(answer.body).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
});

test.each(['linuxu-x86_64', 'kvm-x86_64'])(
  'shell and XML metacharacters in arguments reach the guest as they are: %s',
  async (target) => {
    const trace = join(daemon.directory, 'trace');
    const args = [
      `$(touch ${trace})`,
      `'; touch ${trace}; '`,
      '`id`',
      '; reboot',
      '<a b="c">&amp;</a>',
      '\'"\\ |&',
    ];
    const instance = await daemon.create({ app: 'helloworld', target, args });
    expect(instance.args).toEqual(args);
    await daemon.console(instance.id, 'Hello');
    await expect(access(trace)).rejects.toThrow('ENOENT');
    await daemon.delete(`/v1/instances/${instance.id}`);
  },
);

test('shell and XML metacharacters in labels', () =>
  refused({ ...HELLO, labels: { a: '"><script>$(id)' } }, 422, 'INVALID_REQUEST', 'labels.a'));

test('an ELF that is no unikernel', async () => {
  const answer = await daemon
    .post('/v1/images')
    .type('application/octet-stream')
    .send(await readFile(process.execPath).then((file) => file.subarray(0, 1_000_000)));
  expect(answer.body).toMatchObject({ status: 422, code: 'NOT_A_UNIKERNEL' });
});

test('libvirtd that does not run', async () => {
  const answer = await daemon.post('/v1/instances', {
    app: 'helloworld',
    target: 'kvm-x86_64',
    host: 'gone',
  });
  expect(answer.body).toMatchObject({ status: 503, code: 'HOST_UNAVAILABLE' });
  expect((await daemon.get('/v1/hosts/gone')).body).toMatchObject({ state: 'down' });
});

test('more memory than there is', () => refused({ ...HELLO, memory: 2 ** 40 }, 507, 'NO_CAPACITY'));

test('a guest that dies at once is returned as it is', async () => {
  const instance = await daemon.create({ app: 'crash', target: 'linuxu-x86_64', args: ['null'] });
  await expect
    .poll(
      async () =>
        ((await daemon.get(`/v1/instances/${instance.id}`)).body as { phase: string }).phase,
      { timeout: 30_000 },
    )
    .toBe('failed');
  await daemon.delete(`/v1/instances/${instance.id}`);
});

test('a build that never ends is ended, with all its processes', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'uc-pools-'));
  await cp(POOLS, join(directory, 'pools'), { recursive: true });
  // make waits for what it is told to run while it reads its files.
  await appendFile(
    join(directory, 'pools/app/helloworld/Makefile.uc'),
    '\nSRCS-y += $(shell exec sleep 1000)\n',
  );
  const slow = await DaemonProcess.start({
    toml: '[build]\ntimeoutSeconds = 3\n[[hosts]]\nid = "local"\ndriver = "linuxu"\n',
    poolsDir: join(directory, 'pools'),
  });
  try {
    const answer = await slow.post('/v1/instances', HELLO);
    expect(answer.body, answer.text).toMatchObject({ status: 504, code: 'BUILD_TIMED_OUT' });
    const leftOver = async () =>
      (await processesNaming(directory)).filter((pid) => pid !== slow.pid);
    await expect.poll(leftOver, { timeout: 30_000 }).toEqual([]);
    expect((await slow.get('/v1/instances')).body).toEqual({ items: [], next: null });
  } finally {
    await slow[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  }
});
