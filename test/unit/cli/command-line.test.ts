// SPDX-License-Identifier: BSD-3-Clause
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TOKENS, type Fixture } from '../api/fixture.js';
import { startCommandFixture, type CommandFixture } from './command.js';

let cli: CommandFixture;
let fixture: Fixture;
let unicore: CommandFixture['unicore'];
beforeAll(async () => {
  cli = await startCommandFixture();
  ({ api: fixture, unicore } = cli);
});
afterAll(() => cli.close());

describe('over the Unix socket, with the token of the state directory', () => {
  test('lists what there is', async () => {
    expect((await unicore(['apps'])).out).toContain('helloworld  kvm-x86_64 linuxu-x86_64');
    expect((await unicore(['libraries'])).out).toContain('LIBALLOC_BUDDY');
    expect((await unicore(['hosts'])).out).toContain('linuxu');
    expect(JSON.parse((await unicore(['apps', '--json'])).out)).toMatchObject([
      { name: 'helloworld' },
    ]);
  });

  test('runs, shows, reads the console, pauses and removes', async () => {
    const ran = await unicore([
      ...['run', 'helloworld', '--target', 'linuxu-x86_64', '--name', 'web-1', '--memory', '16M'],
      ...['--label', 'app=web', '--json', '--', '-v', '$(id)'],
    ]);
    expect(ran.code).toBe(0);
    const { id } = JSON.parse(ran.out) as { id: string };
    expect(fixture.instances.requests.at(-1)).toMatchObject({
      memoryBytes: 16_777_216,
      args: ['-v', '$(id)'],
      labels: { app: 'web' },
    });
    expect((await unicore(['ps'])).out).toContain('web-1');
    expect((await unicore(['show', 'web-1'])).out).toContain(id);
    expect((await unicore(['logs', 'web-1'])).out).toBe('Hello from Unicore\n');
    expect((await unicore(['logs', '-f', id])).out).toBe('Hello from Unicore\n');
    expect((await unicore(['pause', 'web-1'])).out).toContain('paused');
    expect((await unicore(['rm', '--selector', 'app=web'])).out).toContain('1 deleted');
    expect((await unicore(['show', id])).code).toBe(5);
  });

  test('a selector and names together are wrong usage, and so are unknown options', async () => {
    expect((await unicore(['rm', 'a', '--all'])).code).toBe(2);
    expect((await unicore(['rm'])).code).toBe(2);
    expect((await unicore(['ps', '--nothing'])).code).toBe(2);
    expect((await unicore(['run', 'helloworld', '--memory', 'lots'])).code).toBe(2);
  });

  test('a problem is shown with its code and the fields at fault', async () => {
    const wrong = await unicore(['run', 'nothing', '--target', 'linuxu-x86_64']);
    expect(wrong.code).toBe(1);
    expect(wrong.err).toContain('[UNKNOWN_APP]');
    const fields = await unicore(['run', 'helloworld', '--target', 'x', '--json']);
    expect(fields.err).toContain('target: must be');
    expect(JSON.parse(fields.out)).toMatchObject({ code: 'INVALID_REQUEST' });
  });

  test('updates labels, policy and times, and removes with grace', async () => {
    const life = ['--restart', 'on-failure:5', '--ttl', '2h'];
    const options = ['--target', 'linuxu-x86_64', '--name', 'up', '--label', 'a=1', ...life];
    await unicore(['run', 'helloworld', ...options]);
    expect(fixture.instances.requests.at(-1)).toMatchObject({
      restartPolicy: 'on-failure',
      restartLimit: 5,
      ttlSeconds: 7_200,
    });
    const changes = ['--label', 'b=2', '--label', 'a-', '--ttl', 'none', '--restart', 'always'];
    const { out } = await unicore(['update', 'up', ...changes, '--json']);
    expect(JSON.parse(out)).toMatchObject({
      labels: { b: '2' },
      ttlSeconds: null,
      restartPolicy: 'always',
      restartLimit: null,
    });
    expect((await unicore(['update', 'up', '--ttl', 'soon'])).code).toBe(2);
    expect((await unicore(['rm', 'up', '--grace', '5'])).code).toBe(0);
    expect(fixture.instances.graces.at(-1)).toBe(5);
    await unicore(['run', 'helloworld', ...options]);
    expect((await unicore(['rm', '--selector', 'a=1', '--grace', '6'])).code).toBe(0);
    expect(fixture.instances.graces.at(-1)).toBe(6);
  });

  test('makes a token that works, shows what it takes, and revokes it', async () => {
    const args = ['--role', 'operator', '--instances', '5', '--rate', '100:50', '--expires', '1d'];
    const { out } = await unicore(['tokens', 'create', 'ci', ...args]);
    const token = out.trim();
    const tcp = { UNICORE_URL: fixture.url, UNICORE_TOKEN: token };
    const ran = await unicore(['run', 'helloworld', '--target', 'linuxu-x86_64', '--json'], tcp);
    expect(JSON.parse(ran.out)).toMatchObject({ owner: 'ci' });
    expect((await unicore(['tokens'])).out).toMatch(/ci +operator +1 of 5 .*100\/s/);
    expect((await unicore(['tokens', 'create', 'more'], tcp)).code).toBe(4);
    expect((await unicore(['tokens', 'revoke', 'ci'])).code).toBe(0);
    expect((await unicore(['ps'], tcp)).code).toBe(4);
    expect((await unicore(['tokens', 'create', 'x', '--expires', 'never'])).code).toBe(2);
  });

  test('completion names every command', async () => {
    const { out } = await unicore(['completion', 'bash']);
    for (const name of ['apps', 'build', 'run', 'ps', 'logs', 'tour']) expect(out).toContain(name);
  });
});

test('UNICORE_URL and UNICORE_TOKEN lead elsewhere; a wrong token is code 4, no daemon is code 3', async () => {
  const tcp = { UNICORE_URL: fixture.url, UNICORE_TOKEN: TOKENS.viewer };
  expect((await unicore(['version', '--daemon'], tcp)).out).toContain('0.0.0-test');
  expect((await unicore(['apps'], { ...tcp, UNICORE_TOKEN: 'wrong' })).code).toBe(4);
  const nobody = await unicore(['apps'], { UNICORE_URL: 'http://127.0.0.1:1', UNICORE_TOKEN: 'x' });
  expect(nobody.code).toBe(3);
  expect(nobody.err).toContain('Is unicored running?');
  expect((await unicore(['apps'], { UNICORE_STATE_DIR: '/nonexistent' })).code).toBe(3);
});
