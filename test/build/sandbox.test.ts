// SPDX-License-Identifier: BSD-3-Clause
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BuildProducts, BuildWork } from '../../src/build/sandbox/index.js';
import { bubblewrapCommand } from '../../src/build/sandbox/bubblewrap-command.js';
import { BubblewrapEnvironment } from '../../src/build/sandbox/bubblewrap.js';
import { chooseEnvironment } from '../../src/build/sandbox/choose.js';
import { defaultLimits, type SandboxLimits } from '../../src/build/sandbox/limits.js';
import { isUnicoreError } from '../../src/errors/index.js';
import { recordingLogger } from '../support/logger.js';

const MIB = 1024 * 1024;
const SMALL: SandboxLimits = {
  memoryBytes: 256 * MIB,
  diskBytes: 16 * MIB,
  fileBytes: 8 * MIB,
  processes: 48,
  openFiles: 64,
};
const SECRET = 'a-token-that-nobody-else-may-know';
const WAIT = { timeout: 20_000, interval: 20 };

/** Real bubblewrap, real make, and Makefiles that want what is not theirs. */
describe('the sandbox of builds', () => {
  let root: string;
  let slot: number;

  beforeEach(async () => {
    slot = 0;
    root = await mkdtemp(join(tmpdir(), 'unicore-sandbox-'));
    // As the daemon has it: its state is nobody else's.
    await mkdir(join(root, 'state', 'work'), { recursive: true, mode: 0o700 });
    await writeFile(join(root, 'state', 'admin.token'), SECRET, { mode: 0o600 });
    await mkdir(join(root, 'pools', 'app'), { recursive: true });
    await writeFile(join(root, 'pools', 'Kconfig'), 'mainmenu "Pools"\n');
    await chmod(root, 0o700);
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  function environment(limits: Partial<SandboxLimits> = {}): BubblewrapEnvironment {
    return new BubblewrapEnvironment({
      program: 'bwrap',
      poolsDirectory: join(root, 'pools'),
      objectsDirectory: join(root, 'state', 'objects'),
      parallelCompilers: 2,
      limits: { ...SMALL, ...limits },
      root: process.getuid?.() === 0,
    });
  }

  async function workOf(recipe: readonly string[]): Promise<BuildWork> {
    const number = slot++;
    const appDirectory = join(root, 'state', 'sources', String(number));
    const folder = join(root, 'state', 'work', String(number));
    await mkdir(appDirectory, { recursive: true });
    await mkdir(folder);
    const lines = recipe.map((line) => `\t${line.replaceAll('$', '$$$$')}\n`).join('');
    await writeFile(join(appDirectory, 'Makefile'), `all:\n${lines}`);
    const target = 'linuxu-x86_64';
    return { app: 'hostile', target, appDirectory, folder, slot: number, choices: '' };
  }

  /** Runs a recipe to its end, each line of it whatever the ones before came to. */
  async function run(
    recipe: readonly string[],
    options: {
      readonly limits?: Partial<SandboxLimits>;
      readonly signal?: AbortSignal;
      readonly onText?: (text: string) => void;
    } = {},
  ): Promise<BuildProducts & { readonly text: string }> {
    let text = '';
    const products = await environment(options.limits).run(
      await workOf(recipe.map((line) => `-@${line}`)),
      {
        signal: options.signal ?? new AbortController().signal,
        timeoutMilliseconds: 60_000,
        maxOutputBytes: MIB,
        onStart: () => undefined,
        onOutput: (chunk) => {
          text += chunk.toString();
          options.onText?.(text);
        },
      },
    );
    return { ...products, text };
  }

  it('hands out what a build makes, and nothing that was put in its place', async () => {
    const image = '/tmp/build/hostile_linuxu-x86_64';
    const products = await run([
      `mkdir -p /tmp/build && echo image >${image} && echo sizes >${image}.sizes`,
      `ln -s /etc/passwd ${image}.dbg; rm /results/image; ln -sf /etc/passwd /results/image`,
    ]);
    expect(await readFile(products.image ?? '', 'utf8')).toBe('image\n');
    expect(products.sizes).toBe('sizes\n');
    expect(products.debugImage).toBeNull();
    expect(products.exitCode).toBe(0);
  });

  it('lets an uploaded source read the cache of objects, and an application of the pools write it', async () => {
    const attack = [
      'cat /objects/known/sum',
      'echo bad >/objects/known/sum; mkdir /objects/mine; touch /objects/known; mv /objects/known /objects/other',
      'chmod -R 777 /objects; mount -o remount,rw /objects; [ -w /objects ] && echo writable',
    ];
    const own = await workOf(['mkdir /objects/known', 'echo good >/objects/known/sum']);
    const appDirectory = join(root, 'pools', 'app', 'own');
    await rename(own.appDirectory, appDirectory);
    const options = {
      ...{ signal: new AbortController().signal, timeoutMilliseconds: 60_000, maxOutputBytes: MIB },
      ...{ onStart: () => undefined, onOutput: () => undefined },
    };
    expect((await environment().run({ ...own, appDirectory }, options)).exitCode).toBe(0);
    const known = join(root, 'state', 'objects', 'known', 'sum');
    expect(await readFile(known, 'utf8')).toBe('good\n');

    const { text } = await run(attack);
    expect(text).toMatch(/^good$/m);
    expect(text).not.toMatch(/^writable$/m);
    expect(await readFile(known, 'utf8')).toBe('good\n');
    expect(await readdir(join(root, 'state', 'objects'))).toEqual(['known']);
  });

  it('does not let it read the token, nor see that there is a daemon', async () => {
    const token = join(root, 'state', 'admin.token');
    expect((await promisify(execFile)('cat', [token])).stdout).toBe(SECRET);
    const { text } = await run([
      `cat ${token} /proc/*/root${token}`,
      `ls ${root} ${root}/state /root /home /etc/shadow /var /run`,
      `cat /proc/[0-9]*/environ | tr '\\0' '\\n'`,
      'find / -path /usr -prune -o -path /proc -prune -o -name admin.token -print -o -name "*.sock" -print',
      'echo processes: $(ls -d /proc/[0-9]* | wc -l); id -u; echo end',
    ]);
    expect(text).not.toContain(SECRET);
    expect(text).not.toMatch(/NODE|VITEST|HOME=\/root/);
    expect(text).not.toMatch(/^\/.*(admin\.token|\.sock)$/m);
    expect(Number(/processes: (\d+)/.exec(text)?.[1])).toBeLessThan(10);
    expect(text).toMatch(/^1000\nend$/m);
  });

  it('does not let it reach the network, nor the host by loopback or a socket', async () => {
    let connections = 0;
    const tcp = createServer((socket) => {
      connections++;
      socket.destroy();
    }).listen(0, '127.0.0.1');
    const abstract = createServer((socket) => {
      connections++;
      socket.destroy();
    }).listen(`\0unicore-sandbox-${process.pid}`);
    await Promise.all([once(tcp, 'listening'), once(abstract, 'listening')]);
    const { port } = tcp.address() as AddressInfo;
    const knock = [
      `perl -MSocket -e 'socket(S,AF_INET,SOCK_STREAM,0); connect(S,sockaddr_in(${port},inet_aton("127.0.0.1"))) or print "tcp: $!\\n"'`,
      `perl -MSocket -e 'socket(S,AF_UNIX,SOCK_STREAM,0); connect(S,sockaddr_un("\\0unicore-sandbox-${process.pid}")) or print "unix: $!\\n"'`,
    ];
    // It can be reached from here, so that a silence means something.
    for (const line of knock) await promisify(execFile)('sh', ['-c', line]);
    await vi.waitFor(() => expect(connections).toBe(2), WAIT);
    const { text } = await run([...knock, 'cat /proc/net/dev; cat /proc/net/route | wc -l']);
    expect(text).toContain('tcp: Connection refused');
    expect(text).toContain('unix: Connection refused');
    expect(text.match(/^ *\w+:.*\d$/gm)).toHaveLength(1); // lo, and one of its own
    expect(connections).toBe(2);
    tcp.close();
    abstract.close();
  });

  it('ends what a build leaves running, however it hides', async () => {
    const marker = `3600.${process.pid}`;
    const daemon = `perl -MPOSIX -e 'if (!fork) { setsid; $SIG{TERM} = "IGNORE"; if (!fork) { exec "sleep", "${marker}" }exit } wait'`;
    await run([daemon]);
    expect(await processesWith(marker)).toEqual([]);

    const stop = new AbortController();
    const running = run([daemon, 'echo begun; sleep 1000'], {
      signal: stop.signal,
      onText: (text) => {
        if (text.includes('begun')) begun.resolve(null);
      },
    }).catch((error: unknown) => error);
    const begun = Promise.withResolvers<null>();
    await begun.promise;
    await vi.waitFor(async () => expect(await processesWith(marker)).toHaveLength(1), WAIT);
    const reason = new Error('enough');
    stop.abort(reason);
    expect(await running).toBe(reason);
    await vi.waitFor(async () => expect(await processesWith(marker)).toEqual([]), WAIT);
  });

  it('bounds processes, files, disk and the results', async () => {
    const { text, ...products } = await run([
      'head -c 64M /dev/zero >/tmp/one; echo one: $(stat -c %s /tmp/one)',
      'for i in 1 2 3 4 5 6 7 8 9; do head -c 4M /dev/zero >/tmp/many$i; done; echo all: $(du -sm /tmp | cut -f1)',
      'for d in / /dev /dev/shm /results /app /pools /usr/lib; do touch $d/x && echo wrote $d; done; ulimit -c',
      'rm -f /tmp/one /tmp/many*; mkdir /tmp/build; head -c 64M /dev/zero >/results/errors; head -c 4M /dev/zero >/results/image',
      `perl -e 'while ($n < 500) { defined($p = fork) or last; $p or exec "sleep", "1000"; $n++ } print "forked $n\\n"; kill 9, -1'`,
    ]);
    expect(Number(/forked (\d+)/.exec(text)?.[1])).toBeLessThan(SMALL.processes);
    expect(Number(/one: (\d+)/.exec(text)?.[1])).toBeLessThanOrEqual(SMALL.fileBytes);
    expect(Number(/all: (\d+)/.exec(text)?.[1])).toBeLessThanOrEqual(16);
    expect(text).not.toContain('wrote');
    expect((await stat(products.image ?? '')).size).toBe(4 * MIB);
    expect(products.errors.length).toBeLessThanOrEqual(MIB);
  });

  it('bounds the memory of one process, and of all together', async () => {
    const { text } = await run([`perl -e '$x = "a" x (1 << 30); print "got it\\n"'`]);
    expect(text).toMatch(/out of memory/i);
    expect(text).not.toContain('got it');
    const marker = `3600.${process.pid}`;
    const all = run([
      `for i in 1 2 3 4 5 6; do perl -e '$x = "a" x (100 << 20); sleep ${marker}' & done; wait`,
    ]);
    await expect(all).rejects.toSatisfy((error) => isUnicoreError(error, 'BUILD_MEMORY_EXCEEDED'));
    await vi.waitFor(async () => expect(await processesWith(marker)).toEqual([]), WAIT);
  });

  it('does not let it change the pools or its own source, nor gain rights', async () => {
    const { text } = await run([
      'echo x >/pools/Kconfig && echo changed; rm -f /pools/Kconfig && echo removed; touch /pools/app/x && echo added',
      'echo x >>/app/Makefile && echo changed; chmod 777 /pools /app && echo changed',
      'mount -o remount,rw /pools && echo remounted; unshare -U true && echo unshared; unshare -m true && echo unshared',
      'chroot / true && echo rooted; grep -E "^(CapEff|CapBnd|NoNewPrivs)" /proc/self/status',
      'echo 1 >/proc/sys/kernel/core_pattern && echo patterned',
    ]);
    expect(text).not.toMatch(/^(changed|removed|added|remounted|unshared|rooted|patterned)$/m);
    expect(text).toMatch(/CapEff:\s0+\n/);
    expect(text).toMatch(/CapBnd:\s0+\n/);
    expect(text).toMatch(/NoNewPrivs:\s1\n/);
    expect(await readdir(join(root, 'pools'))).toEqual(['Kconfig', 'app']);
    expect(await readFile(join(root, 'pools', 'Kconfig'), 'utf8')).toBe('mainmenu "Pools"\n');
  });

  it('does not let it see or end another build', async () => {
    const marker = `3600.${process.pid}`;
    const begun = Promise.withResolvers<null>();
    const stop = new AbortController();
    const other = run([`echo mine >/tmp/secret; echo begun; sleep ${marker}`], {
      signal: stop.signal,
      onText: () => begun.resolve(null),
    }).catch((error: unknown) => error);
    await begun.promise;
    const { text } = await run([
      "cat /proc/[0-9]*/cmdline | tr '\\0' ' '; echo",
      'cat /tmp/secret /proc/[0-9]*/root/tmp/secret',
      `ls ${join(root, 'state')} ${join(root, 'state', 'work')}`,
      "perl -e 'kill 9, -1'",
    ]);
    expect(text).not.toMatch(new RegExp(`sleep ${marker}`));
    expect(text).not.toMatch(/^mine$/m);
    expect(await processesWith(marker)).toHaveLength(1);
    stop.abort(new Error('enough'));
    await other;
  });

  it('confines in the same way where the daemon is not root', async () => {
    const [program = '', ...args] = bubblewrapCommand({
      program: 'bwrap',
      mounts: [],
      limits: SMALL,
      processorSeconds: 10,
      user: null,
      environment: { PATH: '/usr/bin:/bin' },
      command: ['sh', '-c', 'id -u; grep CapEff /proc/self/status; unshare -U true; ls /'],
    });
    const uid = process.getuid?.() === 0 ? 65_533 : process.getuid?.();
    const child = spawn(program, args, { uid, gid: uid, cwd: '/', stdio: ['ignore', 'pipe', 2] });
    const text = ((await child.stdout?.toArray()) ?? []).join('');
    expect(text).toMatch(/^1000\nCapEff:\s0+\n/);
    expect(text).not.toMatch(/^(root|home|var|work)$/m);
  });

  it('says what is wrong where bubblewrap does not work', async () => {
    const options = {
      poolsDirectory: join(root, 'pools'),
      objectsDirectory: join(root, 'state', 'objects'),
      parallelCompilers: 2,
      limits: defaultLimits(2),
      root: process.getuid?.() === 0,
      logger: recordingLogger(),
    };
    expect(await chooseEnvironment({ ...options, program: 'bwrap' })).toMatchObject({
      environment: { confined: true },
      problem: null,
    });
    const { environment: other, problem } = await chooseEnvironment({
      ...options,
      program: 'no-bubblewrap-here',
    });
    expect(other.confined).toBe(false);
    expect(problem).toContain('apt-get install bubblewrap');
    expect((await chooseEnvironment({ ...options, program: 'false' })).problem).not.toBeNull();
  });
});

/** Processes of the whole machine that have `text` among their arguments. */
async function processesWith(text: string): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map(async (pid) => [
      pid,
      await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => ''),
    ]),
  );
  return lines
    .filter(([, line = '']) => line.startsWith('sleep\0') || line.startsWith('perl\0'))
    .filter(([, line = '']) => line.includes(text))
    .map(([pid = '']) => pid);
}
