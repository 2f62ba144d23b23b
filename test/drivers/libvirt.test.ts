// SPDX-License-Identifier: BSD-3-Clause
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, test } from 'vitest';
import { DirectoryImageStore } from '../../src/build/images/index.js';
import {
  LibvirtDriver,
  type LibvirtDriverOptions,
} from '../../src/orchestrator/drivers/libvirt/index.js';
import { guestCommandLine } from '../../src/orchestrator/drivers/guest-command-line.js';
import { canRun } from '../../src/orchestrator/hosts/placement.js';
import { buildForeignKernel } from '../support/foreign-kernels.js';
import { describeDriverContract, type DriverHarness, type Stranger } from './contract.js';
import { DriverSession } from './contract/session.js';
import { buildGuest, PrivateLibvirtd } from './libvirtd.js';

const silent = () => undefined;
const LOGGER = { debug: silent, info: silent, warn: silent, error: silent };

/** One libvirtd, one state directory, and a driver for both. */
class LibvirtHarness implements DriverHarness {
  readonly libvirtd: PrivateLibvirtd;
  readonly folder: string;
  readonly guests: DriverHarness['guests'];
  readonly capabilities = {
    bootProtocols: ['pvh', 'multiboot1', 'linux-boot'],
    architectures: ['x86_64', 'x86'],
    platforms: ['kvm'],
    pause: true,
    createPaused: true,
    park: true,
    gracefulShutdown: false,
    console: 'both',
    exitCode: true,
    stats: true,
  } as const;
  readonly memoryBytes = 16 * 1024 * 1024;
  readonly endOfLineInArguments = 'kept';
  readonly concurrentCreates = 6;
  readonly patienceMilliseconds = 90_000;

  private constructor(libvirtd: PrivateLibvirtd, folder: string) {
    this.libvirtd = libvirtd;
    this.folder = folder;
    const image = buildGuest(folder);
    const unreporting = { ...image, manifest: { ...image.manifest, reportsReady: false } };
    this.guests = {
      hello: { image, args: ['exit=0'], output: 'cmdline: -- exit=0' },
      daemon: { image, args: ['hold'], output: 'cmdline: -- hold' },
      exit: { image, args: ['exit=42'], code: 42 },
      crash: { image, args: ['panic'] },
      echoArguments: {
        image,
        render: (args) => `cmdline: ${guestCommandLine(args)}\n`,
      },
      echoInput: { image, args: ['echo'] },
      parking: { image, render: (_name, args) => `cmdline: ${guestCommandLine(args)}\n` },
      silent: { image: unreporting, args: ['silent', 'hold'] },
    };
  }

  static async start(): Promise<LibvirtHarness> {
    const folder = await mkdtemp(join(tmpdir(), 'uc-driver-'));
    return new LibvirtHarness(await PrivateLibvirtd.start(), folder);
  }

  connect(changes: Partial<LibvirtDriverOptions> = {}): LibvirtDriver {
    return new LibvirtDriver({
      uri: this.libvirtd.uri,
      owner: 'contract',
      directory: join(this.folder, 'state'),
      logger: LOGGER,
      ...changes,
    });
  }

  readonly killBehindBack = async (id: string): Promise<void> => {
    process.kill(this.libvirtd.qemuPid(id), 'SIGKILL');
    return Promise.resolve();
  };

  /** A domain with a name like ours and another owner's mark. */
  readonly createStranger = async (): Promise<Stranger> => {
    const other = this.connect({ owner: 'other', directory: join(this.folder, 'other') });
    await other.open();
    const id = randomUUID();
    const { image, args } = this.guests.daemon;
    const { memoryBytes } = this;
    await other.create({
      id,
      name: 'other',
      image,
      args,
      memoryBytes,
      vcpus: 1,
      paused: false,
      park: false,
    });
    return {
      id,
      alive: async () => (await this.libvirtd.virsh('domstate', id)) === 'running',
      remove: async () => {
        await other.destroy(id);
        await other.close();
      },
    };
  };

  async close(): Promise<void> {
    await this.libvirtd.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

describeDriverContract('libvirt/QEMU', () => LibvirtHarness.start());

describe('libvirt/QEMU', () => {
  let harness: LibvirtHarness;
  let session: DriverSession;
  beforeAll(async () => {
    harness = await LibvirtHarness.start();
  });
  afterAll(async () => harness.close());
  beforeEach(async () => {
    session = await DriverSession.open(harness);
  });
  afterEach(async () => session.end());

  test.each([
    { kernel: 'multiboot1', greeting: /^entered by multiboot: .*panic=-1 a b\n$/ },
    { kernel: 'bz-image', greeting: /^entered by the Linux boot protocol: panic=-1 a b\n$/ },
  ] as const)('runs an imported kernel: $kernel', async ({ kernel, greeting }) => {
    const directory = join(harness.folder, 'images');
    const store = await DirectoryImageStore.open({ directory, logger: LOGGER });
    const path = buildForeignKernel(kernel, harness.folder);
    const image = await store.import(createReadStream(path));
    expect(canRun(session.driver.capabilities, image.manifest)).toBe(true);
    const id = await session.start({ image, args: ['panic=-1', 'a b'] });
    expect(await session.output(id)).toMatch(greeting);
    expect(await session.untilEnded(id)).toMatchObject({ exitCode: null });
  });

  test('leaves nothing of a destroyed domain', async () => {
    const id = await session.start(harness.guests.echoInput!);
    await session.untilEvent(id, 'ready');
    await session.driver.writeConsole(id, Buffer.from('x\n'));
    await session.driver.destroy(id);
    expect(await readdir(join(harness.folder, 'state'))).toEqual([]);
    expect(await harness.libvirtd.virsh('list', '--all', '--uuid')).not.toContain(id);
  });

  test('keeps offsets right while virtlogd rotates the log, and bounds it', async () => {
    const { image } = harness.guests.hello;
    const id = await session.start({ image, args: ['flood=4000', 'exit=5'] });
    expect((await session.untilEnded(id)).exitCode).toBe(5);
    const printed = Array.from({ length: 4000 }, (_, line) => guestLine(line)).join('');
    const head = 'uc: ready 12345\ncmdline: -- flood=4000 exit=5\n';
    const all = `${head}${printed}uc: exit 5\n`;
    let read = 0;
    for await (const { offset, data } of session.driver.readConsole(id, 0)) {
      expect(Buffer.from(data).toString('latin1')).toBe(all.slice(offset, offset + data.length));
      read += data.length;
    }
    expect(read).toBeLessThan(all.length);
    expect(read).toBeGreaterThan(16 * 1024);
  });

  test('refuses a guest that is larger than the host with NO_CAPACITY, and leaves nothing', async () => {
    const spec = session.spec(harness.guests.hello, { memoryBytes: 2 ** 39 });
    await expect(session.driver.create(spec)).rejects.toMatchObject({ code: 'NO_CAPACITY' });
    expect(await session.observe(spec.id)).toBeUndefined();
    expect(await readdir(join(harness.folder, 'state'))).toEqual([]);
  });

  test('says in libvirt’s words why an image cannot be booted', async () => {
    const path = join(harness.folder, 'not-an-image');
    await writeFile(path, 'no image at all');
    const image = { ...harness.guests.hello.image, path };
    const spec = session.spec({ image, args: [] });
    const refused = session.driver.create(spec);
    await expect(refused).rejects.toMatchObject({ code: 'DRIVER_FAILED' });
    await expect(refused).rejects.toThrow(/qemu|kernel/i);
  });

  test('refuses an argument that XML cannot hold', async () => {
    const spec = session.spec({ ...harness.guests.hello, args: ['\u0001'] });
    await expect(session.driver.create(spec)).rejects.toMatchObject({ code: 'DRIVER_UNSUPPORTED' });
  });
});

function guestLine(line: number): string {
  return `line ${line} of a guest that has much to say\n`;
}

describe('faults of libvirtd', () => {
  let harness: LibvirtHarness;
  beforeAll(async () => {
    harness = await LibvirtHarness.start();
  });
  afterAll(async () => harness.close());

  test('killed and started again: guests live, their ends are told, and new ones start', async () => {
    const session = await DriverSession.open(harness);
    const lives = await session.start(harness.guests.daemon);
    const ends = await session.start(harness.guests.echoInput!);
    await session.untilEvent(lives, 'ready');
    await session.untilEvent(ends, 'ready');
    const pid = harness.libvirtd.qemuPid(lives);

    await harness.libvirtd.kill();
    await session.until(() => told(session, 'host-down'), 'host-down');
    await expect(session.driver.list()).rejects.toMatchObject({ code: 'HOST_UNAVAILABLE' });
    // Its console works without libvirtd, and tells its exit code later.
    await session.driver.writeConsole(ends, Buffer.from('quit\n'));
    expect(await session.output(ends, (text) => text.includes('uc: exit 0'))).toContain('quit');

    await harness.libvirtd.restart();
    await session.until(() => told(session, 'host-up'), 'host-up');
    expect(harness.libvirtd.qemuPid(lives)).toBe(pid);
    expect(await session.observe(lives)).toMatchObject({ state: 'running', owned: true });
    expect(await session.untilEnded(ends)).toMatchObject({ reason: 'exited', exitCode: 0 });
    expect(session.typesOf(lives)).toEqual(['started', 'ready']);
    const id = await session.start(harness.guests.hello);
    expect((await session.untilEnded(id)).exitCode).toBe(0);
    await session.end();
  });

  test('hanging: HOST_UNAVAILABLE, the main loop goes on, and it recovers', async () => {
    const driver = harness.connect({
      deadlines: { quick: 5000 },
      keepAlive: { intervalSeconds: 1, count: 2 },
    });
    const patient = Object.assign(Object.create(harness) as LibvirtHarness, {
      connect: () => driver,
    });
    const session = await DriverSession.open(patient);
    const id = await session.start(harness.guests.daemon);
    await session.untilEvent(id, 'ready');

    harness.libvirtd.signal('SIGSTOP');
    try {
      let turns = 0;
      const ticking = setInterval(() => turns++, 1);
      await expect(driver.list()).rejects.toMatchObject({ code: 'HOST_UNAVAILABLE' });
      clearInterval(ticking);
      expect(turns).toBeGreaterThan(10); // a blocked loop would have turned once
      await session.until(() => told(session, 'host-down'), 'host-down');
    } finally {
      harness.libvirtd.signal('SIGCONT');
    }
    await session.until(() => told(session, 'host-up'), 'host-up');
    expect(await session.observe(id)).toMatchObject({ state: 'running' });
    await session.end();
  });

  test('away at the start: open is refused, and host-up comes later', async () => {
    await harness.libvirtd.kill();
    const session = new DriverSessionUnopened(harness.connect());
    await expect(session.driver.open()).rejects.toMatchObject({ code: 'HOST_UNAVAILABLE' });
    const up = session.untilUp();
    await harness.libvirtd.restart();
    await up;
    expect(await session.driver.list()).toEqual([]);
    await session.driver.close();
  });

  test('away while a driver is closed: closing ends', async () => {
    const session = await DriverSession.open(harness);
    await harness.libvirtd.kill();
    await session.driver.close();
    await harness.libvirtd.restart();
  });
});

class DriverSessionUnopened {
  readonly driver: LibvirtDriver;

  constructor(driver: LibvirtDriver) {
    this.driver = driver;
  }

  async untilUp(): Promise<void> {
    return new Promise((resolve) => {
      this.driver.onEvent((event) => {
        if (event.type === 'host-up') resolve();
      });
    });
  }
}

function told(session: DriverSession, type: 'host-up' | 'host-down'): boolean {
  return session.events.some((event) => event.type === type);
}
