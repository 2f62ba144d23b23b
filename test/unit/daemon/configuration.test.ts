// SPDX-License-Identifier: BSD-3-Clause
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { adminToken } from '../../../src/daemon/admin-token.js';
import { hostSchema } from '../../../src/daemon/configuration-schema.js';
import { loadConfiguration } from '../../../src/daemon/configuration.js';
import { StateDirectory } from '../../../src/daemon/state-directory.js';
import { sshOfUri } from '../../../src/daemon/xen-endpoint.js';
import { UnicoreError } from '../../../src/errors/index.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'unicore-daemon-'));
});
afterEach(() => rm(directory, { recursive: true }));

const load = (environment: Record<string, string>, uid = 1000) =>
  loadConfiguration({ environment, poolsDir: '/usr/share/unicore/pools', uid });

async function file(name: string, text: string): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, text);
  return path;
}

describe('configuration', () => {
  test('has defaults, by who runs it', async () => {
    expect(await load({}, 0)).toMatchObject({
      stateDir: '/var/lib/unicore',
      listen: { host: '127.0.0.1', port: 7070 },
      api: { allowInsecureRemote: false, tls: null },
    });
    expect((await load({ XDG_STATE_HOME: '/home/me/state' })).stateDir).toBe(
      '/home/me/state/unicore',
    );
  });

  test('the file overrides defaults, the environment overrides the file', async () => {
    const path = await file(
      'unicore.toml',
      'listen = "127.0.0.1:1"\nlogLevel = "warn"\n[[hosts]]\nid = "qemu"\ndriver = "libvirt"\nuri = "qemu:///system"\n',
    );
    const configuration = await load({ UNICORE_CONFIG: path, UNICORE_LISTEN: '[::1]:2' });
    expect(configuration.listen).toEqual({ host: '::1', port: 2 });
    expect(configuration.logLevel).toBe('warn');
    expect(configuration.hosts).toEqual([{ id: 'qemu', driver: 'libvirt', uri: 'qemu:///system' }]);
    const yaml = await file(
      'unicore.yaml',
      'listen: 127.0.0.1:3\napi: {allowedHosts: [a.example]}\n',
    );
    expect(await load({ UNICORE_CONFIG: yaml })).toMatchObject({
      api: { allowedHosts: ['a.example'] },
    });
  });

  test('bounds what may be taken of a host', async () => {
    const hostsWith = async (capacity: string) => {
      const host = `[[hosts]]\nid = "a"\ndriver = "linuxu"\n[hosts.capacity]\n${capacity}\n`;
      return (await load({ UNICORE_CONFIG: await file('capacity.toml', host) })).hosts;
    };
    const capacity = { memoryBytes: 8 * 1024 ** 3, instances: 400 };
    expect(await hostsWith('memoryBytes = 8_589_934_592\ninstances = 400')).toEqual([
      { id: 'a', driver: 'linuxu', capacity },
    ]);
    for (const wrong of ['memoryBytes = "8G"', 'instances = 0', 'memory = 1', 'memoryBytes = 1']) {
      await expect(hostsWith(wrong)).rejects.toThrow('hosts');
    }
  });

  test('no configuration has the simulator of the tests: the drivers are those of real hosts', async () => {
    for (const driver of ['sim', 'simulator', 'test', 'fake']) {
      const path = await file(
        'unicore.toml',
        `[[hosts]]\nid = "a"\ndriver = "${driver}"\nuri = "sim:///x"\n`,
      );
      await expect(load({ UNICORE_CONFIG: path })).rejects.toThrow('hosts');
    }
    const kinds = hostSchema.options.map(({ shape }) => shape.driver.value);
    expect(kinds.sort()).toEqual(['libvirt', 'linuxu', 'xl']);
  });

  test('what is shipped imports nothing of the tests, and no file of it is the simulator', async () => {
    const sources = new URL('../../../src/', import.meta.url);
    const files = await readdir(sources, { recursive: true });
    const shipped = files.filter((each) => each.endsWith('.ts') && !each.endsWith('.test.ts'));
    expect(shipped.length).toBeGreaterThan(200);
    for (const each of shipped) {
      expect(each).not.toMatch(/\bsim(?:-driver|-host|ulator)?\b/);
      const text = await readFile(new URL(each, sources), 'utf8');
      expect(text, each).not.toMatch(/from '[^']*(?:\/test\/|\/sim\/)/);
      expect(text, each).not.toContain('SimDriver');
    }
  });

  test('names all that is wrong at once, with where it was set', async () => {
    const path = await file(
      'unicore.toml',
      'logLevel = "loud"\nwrong = 1\n[api]\ntokens = [{name = "a"}]\n',
    );
    const error = await load({ UNICORE_CONFIG: path, UNICORE_LISTEN: 'here' }).catch(
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(UnicoreError);
    const { message } = error as UnicoreError;
    for (const part of [
      `${path}: logLevel`,
      'unknown: wrong',
      'api.tokens.0.role',
      'UNICORE_LISTEN: listen',
    ]) {
      expect(message).toContain(part);
    }
  });

  test('a missing file is only an error if it was named; a broken one always', async () => {
    await expect(load({ UNICORE_CONFIG: join(directory, 'none.toml') })).rejects.toThrow(
      'none.toml',
    );
    const broken = await file('broken.toml', 'listen = ');
    await expect(load({ UNICORE_CONFIG: broken })).rejects.toThrow('broken.toml');
  });

  test('an address that others can reach needs TLS or a clear word', async () => {
    await expect(load({ UNICORE_LISTEN: '0.0.0.0:7070' })).rejects.toThrow('allowInsecureRemote');
    const allowed = await load({
      UNICORE_LISTEN: '0.0.0.0:7070',
      UNICORE_ALLOW_INSECURE_REMOTE: 'true',
    });
    expect(allowed.listen.host).toBe('0.0.0.0');
  });
});

describe('one writer for each Xen host', () => {
  const xl = (id: string, ssh = '') => `[[hosts]]\nid = "${id}"\ndriver = "xl"\n${ssh}`;
  const libvirt = (id: string, uri: string) =>
    `[[hosts]]\nid = "${id}"\ndriver = "libvirt"\nuri = "${uri}"\n`;
  const over = (destination: string, options = '[]') =>
    `[hosts.ssh]\ndestination = "${destination}"\noptions = ${options}\n`;

  test.each([
    ['this machine', xl('a') + libvirt('b', 'xen:///system')],
    ['one name', xl('a', over('root@xen1')) + libvirt('b', 'xen+ssh://admin@XEN1/system')],
    [
      'one name and port',
      xl('a', over('xen1', '["-p", "2222"]')) + libvirt('b', 'xen+ssh://xen1:2222/system'),
    ],
    [
      'the same way twice',
      libvirt('a', 'xen+tcp://x/system') +
        over('root@x') +
        libvirt('b', 'xen+tcp://x/system') +
        over('admin@x'),
    ],
    [
      'a socket that leads there',
      xl('a', over('root@xen1')) +
        libvirt('b', 'xen+unix:///system?socket=/run/xen1') +
        over('root@xen1'),
    ],
  ])('refuses two for %s', async (_what, toml) => {
    const path = await file('two-writers.toml', toml);
    await expect(load({ UNICORE_CONFIG: path })).rejects.toMatchObject({
      code: 'INVALID_CONFIGURATION_FILE',
      message: expect.stringMatching(/'a' .* and 'b' .* are the same Xen host/) as string,
    });
  });

  test.each(['xen+tcp://x/system', 'xen://x/system', 'xen+tls://x/'])(
    'refuses %s without a way to dom0',
    async (uri) => {
      const path = await file('no-dom0.toml', libvirt('a', uri));
      await expect(load({ UNICORE_CONFIG: path })).rejects.toThrow(/'a' needs a way to dom0/);
    },
  );

  test('takes several Xen hosts, and QEMU beside Xen', async () => {
    const toml =
      xl('a') +
      xl('b', over('root@xen1')) +
      xl('c', over('root@xen1', '["-o", "Port=2222"]')) +
      libvirt('d', 'xen+ssh://root@xen2/system') +
      libvirt('e', 'qemu:///system') +
      libvirt('f', 'xen+tcp://xen3/system') +
      over('root@xen3') +
      libvirt('g', 'xen+unix:///system?socket=/run/xen4') +
      over('root@xen4');
    const path = await file('many-hosts.toml', toml);
    expect((await load({ UNICORE_CONFIG: path })).hosts).toHaveLength(7);
  });
});

describe('the ssh of a URI', () => {
  test.each([
    ['xen+ssh://root@xen1/system', ['root@xen1']],
    ['xen+ssh://xen1:2222/system?socket=/s', ['xen1', '-p', '2222']],
    [
      'xen+ssh://a@xen1:22/?no_tty=1&keyfile=/etc/my%20key',
      ['a@xen1', '-p', '22', '-i', '/etc/my key'],
    ],
    ['xen+ssh://-oProxyCommand=x/system', null],
    ['xen+tcp://xen1/system', null],
  ] as const)('%s', (uri, words) => {
    const ssh = sshOfUri(uri);
    expect(ssh === null ? null : [ssh.destination, ...ssh.options]).toEqual(words);
  });
});

describe('state directory', () => {
  test('is its owner’s only, and one daemon’s at a time', async () => {
    const path = join(directory, 'state');
    const first = await StateDirectory.open(path);
    expect((await stat(path)).mode & 0o777).toBe(0o700);
    await expect(StateDirectory.open(path)).rejects.toMatchObject({ code: 'STATE_LOCKED' });
    await first.release();
    const second = await StateDirectory.open(path);
    await second.release();
  });

  test('keeps one admin token, for its owner’s eyes only', async () => {
    const [token, again] = [await adminToken(directory), await adminToken(directory)];
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(again).toBe(token);
    const path = join(directory, 'admin.token');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await chmod(path, 0o644);
    await expect(adminToken(directory)).rejects.toMatchObject({ code: 'STATE_CORRUPT' });
  });
});
