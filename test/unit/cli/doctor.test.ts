// SPDX-License-Identifier: BSD-3-Clause
import request from 'supertest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hostExaminationSchema } from '../../../src/wire/index.js';
import { TOKENS } from '../api/fixture.js';
import { startCommandFixture, type CommandFixture } from './command.js';

let cli: CommandFixture;
beforeAll(async () => {
  cli = await startCommandFixture();
});
afterAll(() => cli.close());

test('a viewer may look; the answer is as the schema says; an unknown host is 404', async () => {
  const get = (path: string) =>
    request(cli.api.url).get(path).auth(TOKENS.viewer, { type: 'bearer' });
  const answer = await get('/v1/hosts/local/doctor');
  expect(answer.status).toBe(200);
  expect(hostExaminationSchema.parse(answer.body)).toMatchObject({
    host: 'local',
    findings: [{ id: 'linuxu.nofile', severity: 'problem' }, { severity: 'ok' }],
  });
  expect((await get('/v1/hosts/nowhere/doctor')).body).toMatchObject({ code: 'UNKNOWN_HOST' });
  expect((await request(cli.api.url).get('/v1/hosts/local/doctor')).status).toBe(401);
});

test('doctor prints what is wrong, why and the fix, one line for what is well, and ends with 1', async () => {
  const { code, out } = await cli.unicore(['doctor']);
  expect(code).toBe(1);
  expect(out).toContain('local (linuxu): 1 problem, 0 warning, 0 unknown, 1 ok');
  expect(out).toContain('problem  linuxu.nofile: Open files: 64 descriptors');
  expect(out).toContain('why: Each guest takes some.');
  expect(out).toContain('fix: ulimit -n 1048576');
  const one = await cli.unicore(['doctor', 'local', '--json']);
  expect(JSON.parse(one.out)).toMatchObject({ counts: { problem: 1 }, hosts: [{ host: 'local' }] });
  expect((await cli.unicore(['doctor', 'nowhere'])).code).toBe(5);
});

test('doctor --local looks at this machine, which builds, without a daemon', async () => {
  const nobody = { UNICORE_STATE_DIR: '/nonexistent' };
  const { code, out } = await cli.unicore(['doctor', '--local', '--json'], nobody);
  expect(code).toBe(0);
  expect(out).toContain('"id":"build.toolchain-x86_64","severity":"ok"');
  // Folders that no build could read are what confinement is tried with.
  const broken = await cli.unicore(['doctor', '--local', '--pools', '/nonexistent'], nobody);
  expect(broken.code).toBe(1);
  expect(broken.out).toContain('problem  build.sandbox');
  expect((await cli.unicore(['doctor', 'local', '--local'])).code).toBe(2);
});
