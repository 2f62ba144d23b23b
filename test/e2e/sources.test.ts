// SPDX-License-Identifier: BSD-3-Clause
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  configurationMenuSchema,
  explanationSchema,
  libraryGraphSchema,
  type BuildDocument,
  type InstanceDocument,
  type SourceDocument,
} from '../../src/wire/index.js';
import { tarArchive, tarGz, tarZst } from '../support/tar-archive.js';
import { DaemonProcess } from './daemon-process.js';

/** An application that somebody has at home. */
const GUEST = {
  Makefile: 'APP := uploaded\nUC_POOLS ?= /nowhere\ninclude $(UC_POOLS)/support/unicore.mk\n',
  Kconfig:
    'config APPUPLOADED\n\tbool "uploaded: came by HTTP"\n\tdefault y\n\tselect LIBLIBC\n' +
    'config APPUPLOADED_WORD\n\tstring "What it says"\n\tdefault "nothing"\n',
  'Makefile.uc': 'SRCS-y += main.c\n',
  defconfig: 'CONFIG_APPUPLOADED_WORD="from home"\n',
  'main.c':
    '#include <stdio.h>\nint main(void)\n{\n\tprintf("says %s\\n", CONFIG_APPUPLOADED_WORD);\n\treturn 7;\n}\n',
};
const TARGET = 'linuxu-x86_64';

let daemon: DaemonProcess;
beforeAll(async () => {
  daemon = await DaemonProcess.start();
});
afterAll(() => daemon[Symbol.asyncDispose]());

async function upload(files: Readonly<Record<string, string>>): Promise<SourceDocument> {
  const answer = await daemon.upload('/v1/sources', 'application/gzip', tarGz(files));
  expect(answer.status, answer.text).toBe(201);
  return answer.body as SourceDocument;
}

async function built(body: object): Promise<{ build: BuildDocument; log: string }> {
  const accepted = await daemon.post('/v1/builds', body);
  expect(accepted.status, accepted.text).toBe(202);
  const { id } = accepted.body as BuildDocument;
  const build = (await daemon.get(`/v1/builds/${id}?wait=100`)).body as BuildDocument;
  return { build, log: (await daemon.get(`/v1/builds/${id}/log`)).text };
}

test('builds an uploaded application, and runs it', async () => {
  const source = await upload(GUEST);
  expect(source).toMatchObject({ app: 'uploaded', summary: 'came by HTTP', files: 5 });
  const within = Object.fromEntries(
    Object.entries(GUEST).map(([path, text]) => [`x/${path}`, text]),
  );
  const again = await daemon.upload('/v1/sources', 'application/zstd', tarZst(within));
  expect(again.body).toMatchObject({ digest: source.digest });

  const resolved = await daemon.post('/v1/configurations:resolve', {
    source: source.digest,
    targets: [TARGET],
    symbols: { STACK_SIZE: '32768' },
  });
  expect((resolved.body as { config: string }).config).toContain(
    'CONFIG_APPUPLOADED_WORD="from home"',
  );

  const shown = await daemon.post('/v1/configurations:menu', {
    source: source.digest,
    target: TARGET,
    symbols: { APPUPLOADED_WORD: 'changed' },
  });
  const menu = configurationMenuSchema.parse(shown.body);
  expect(menu.entries[0]?.entries[1]).toMatchObject({
    ...{ symbol: 'APPUPLOADED_WORD', value: 'changed', default: 'nothing', chosen: true },
  });
  expect(menu.defconfig).toContain('CONFIG_APPUPLOADED_WORD="changed"\n');

  const why = await daemon.post('/v1/configurations:explain', {
    ...{ source: source.digest, targets: [TARGET], symbol: 'LIBLIBC' },
  });
  const [explanation] = explanationSchema.parse(why.body).targets;
  expect(explanation?.value).toBe('y');
  expect(explanation?.reasons).toContainEqual({
    ...{ kind: 'select', text: 'selected by APPUPLOADED (APPUPLOADED)', position: 'Kconfig:4' },
  });
  expect(why.text).not.toContain(daemon.stateDir);

  const drawn = await daemon.post('/v1/configurations:graph', {
    ...{ source: source.digest, targets: [TARGET] },
  });
  const [graph] = libraryGraphSchema.parse(drawn.body).targets;
  expect(graph?.libraries).toContainEqual({
    ...{ library: 'lib/libc', symbol: 'LIBLIBC', why: 'selected' },
    selectedBy: expect.arrayContaining([{ symbol: 'APPUPLOADED', library: 'app/uploaded' }]) as [],
  });

  const instance = await daemon.create({ source: source.digest, target: TARGET });
  expect(instance.app).toBe('uploaded');
  await daemon.console(instance.id, 'says from home');
  await expect
    .poll(async () => (await daemon.get(`/v1/instances/${instance.id}`)).body as InstanceDocument)
    .toMatchObject({ phase: 'stopped', exitCode: 7 });

  const { build } = await built({ source: source.digest, targets: [TARGET] });
  expect(build).toMatchObject({ source: source.digest, app: 'uploaded', phase: 'succeeded' });
  expect(build.targets).toMatchObject([{ cached: true, image: instance.image }]);
});

test('does not take an upload for an application of the pools of the same name', async () => {
  const source = await upload({
    ...GUEST,
    Makefile: GUEST.Makefile.replace('uploaded', 'helloworld'),
    'Makefile.uc': '$(info this is not helloworld)\n',
  });
  expect(source.app).toBe('helloworld');
  const { build, log } = await built({ source: source.digest, targets: [TARGET] });
  expect(build).toMatchObject({ app: 'helloworld', source: source.digest, phase: 'failed' });
  expect(log).toContain('this is not helloworld');
  const ours = await built({ app: 'helloworld', targets: [TARGET] });
  expect(ours.build).toMatchObject({ source: null, phase: 'succeeded' });
  expect(ours.log).not.toContain('this is not helloworld');
});

test('gives a hostile build nothing of the daemon', async () => {
  const token = join(daemon.stateDir, 'admin.token');
  const secret = (await readFile(token, 'utf8')).trim();
  expect(secret).not.toBe('');
  const source = await upload({
    ...GUEST,
    Makefile: [
      'APP := hostile',
      'all:',
      `\t-cat ${token} /proc/*/root${token}`,
      `\t-ls -R ${daemon.stateDir} /var /home /root`,
      `\t-perl -MIO::Socket::INET -e 'IO::Socket::INET->new("${new URL(daemon.url).host}") or print "no way\\n"'`,
      `\t-perl -MSocket -e 'socket(S,AF_UNIX,SOCK_STREAM,0); connect(S,sockaddr_un("${join(daemon.stateDir, 'unicored.sock')}")) or print "no socket\\n"'`,
      '\t-env; cat /proc/1/environ',
      '\t-setsid perl -e \'fork or exec "sleep", "4242.42"\'',
      '\t@echo end; exit 1',
      '',
    ].join('\n'),
  });
  const { build, log } = await built({ source: source.digest, targets: [TARGET] });
  expect(build.targets).toMatchObject([{ phase: 'failed', error: { code: 'BUILD_FAILED' } }]);
  expect(log).not.toContain(secret);
  expect(log).not.toMatch(/UNICORE|unicored\.json/);
  expect(log).toMatch(/^no socket$/m);
  expect(log).toMatch(/^end$/m);
  for (const pid of await readdir('/proc')) {
    const line = await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '');
    expect(line.startsWith('sleep') && line.includes('4242.42')).toBe(false);
  }
});

test('does not let a Kconfig file read what is outside, nor run anything', async () => {
  const ask = async (verb: string, kconfig: string, more = {}): Promise<string> => {
    const source = await upload({ ...GUEST, Kconfig: kconfig });
    const answer = await daemon.post(`/v1/configurations:${verb}`, {
      ...{ source: source.digest, targets: [TARGET], ...more },
    });
    return `${answer.status} ${answer.text}`;
  };
  const resolve = (kconfig: string): Promise<string> => ask('resolve', kconfig);
  const token = join(daemon.stateDir, 'admin.token');
  for (const path of [token, '/etc/passwd', '../../../admin.token', '$UC_APP/../source.json']) {
    expect(await resolve(`source "${path}"\n`)).toMatch(/^422 .*CONFIGURATION_FAILED/);
  }
  expect(await resolve('config APPX\n\tstring\n\tdefault "$(shell,id)"\n')).toMatch(
    /^422 .*CONFIGURATION_FAILED/,
  );
  const environment = await resolve('config APPX\n\tstring "x"\n\tdefault "<$(PATH)$(HOME)>"\n');
  expect(environment).toContain('CONFIG_APPX=\\"<>\\"');
  // Grows with each line; ends by a bound on size, memory or time, and the daemon answers.
  const bomb = Array.from({ length: 60 }, (_, n) => `v${n + 1} = $(v${n})$(v${n})`).join('\n');
  const endless = `v0 = x\n${bomb}\nconfig A\n\tstring "$(v60)"\n`;
  expect(await resolve(endless)).toMatch(/^422 /);
  expect(await ask('explain', endless, { symbol: 'LIBLIBC' })).toMatch(/^422 /);
  expect(await ask('graph', endless)).toMatch(/^422 /);
  expect((await daemon.get('/healthz')).status).toBe(200);
});

test('refuses archives that lead elsewhere, with a code', async () => {
  const code = async (data: Buffer, type = 'application/gzip'): Promise<unknown> => {
    const answer = await daemon.upload('/v1/sources', type, data);
    return [answer.status, (answer.body as { code: string }).code];
  };
  const entry = (path: string, more = {}): Buffer => gzipSync(tarArchive([{ path, ...more }]));
  expect(await code(entry('../../admin.token'))).toEqual([422, 'INVALID_ARCHIVE']);
  expect(await code(entry('a', { type: 'SymbolicLink', linkpath: '/etc/passwd' }))).toEqual([
    422,
    'INVALID_ARCHIVE',
  ]);
  expect(await code(gzipSync(Buffer.alloc(80 * 1024 * 1024)))).toEqual([413, 'ARCHIVE_TOO_LARGE']);
  expect(await code(Buffer.from('nonsense'))).toEqual([422, 'INVALID_ARCHIVE']);
  expect(await code(tarGz({ a: 'b' }))).toEqual([422, 'INVALID_SOURCE']);
  expect(await code(tarGz(GUEST), 'application/x-tar')).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
});

test('packs, uploads and builds a folder by the command line, with progress', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'unicore-folder-'));
  for (const [path, text] of Object.entries(GUEST)) await writeFile(join(folder, path), text);
  await mkdir(join(folder, 'build'));
  await symlink('/etc/passwd', join(folder, 'build', 'link'));
  const command = join(import.meta.dirname, '../../dist/cli/main.js');
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [command, '--json', 'build', folder, '--target', TARGET, '--set', 'STACK_SIZE=16384'],
    { env: { UNICORE_STATE_DIR: daemon.stateDir } },
  );
  const build = JSON.parse(stdout) as BuildDocument;
  expect(build).toMatchObject({ app: 'uploaded', phase: 'succeeded' });
  const { done, total } = build.targets[0]?.progress ?? { done: 0, total: 0 };
  expect(total).toBeGreaterThan(5);
  expect(done).toBe(total);
  const run = async (...args: readonly string[]): Promise<string> => {
    const environment = { env: { UNICORE_STATE_DIR: daemon.stateDir } };
    return (await promisify(execFile)(process.execPath, [command, ...args], environment)).stdout;
  };
  expect(await run('explain', folder, 'LIBLIBC', '-t', TARGET)).toContain(
    'selected by APPUPLOADED',
  );
  expect(await run('graph', folder, '-t', TARGET)).toContain(
    '"app/uploaded" -> "lib/libc" [label="APPUPLOADED"];',
  );
  await expect(run('explain', folder, 'LIBLIBC')).rejects.toMatchObject({
    stderr: expect.stringContaining('Name a target with -t') as string,
  });
  await rm(folder, { recursive: true });
});
