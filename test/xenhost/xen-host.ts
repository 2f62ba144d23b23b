// SPDX-License-Identifier: BSD-3-Clause
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { access, copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { constants } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { imageIn, xenHostImage, type XenHostImage } from './image.ts';
import { humanMonitor } from './qmp.ts';

/** Name of the snapshot inside the disk: dom0 is up, all daemons answer, no guest runs. */
const SNAPSHOT = 'booted';

export const XENSTORE_DAEMONS = ['xenstored', 'oxenstored', 'oxenstored-refusing'] as const;
export type XenstoreDaemon = (typeof XENSTORE_DAEMONS)[number];

export interface XenHostShape {
  /** Memory of the whole host, MiB. QEMU takes only what is touched. */
  readonly memoryMiB: number;
  readonly dom0MemoryMiB: number;
  /** Which of Xen's two xenstore daemons runs. One that is `refusing` answers transactions with EAGAIN at random. */
  readonly store: XenstoreDaemon;
}

const DEFAULT_SHAPE: XenHostShape = {
  memoryMiB: 8192,
  dom0MemoryMiB: 1536,
  store: 'xenstored',
};

/** How long a host may live at most, so that a forgotten one ends by itself. */
const LIFETIME_SECONDS = 4 * 3600;

export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

interface HostRecord {
  readonly qemuPid: number;
  readonly sshPort: number;
  readonly libvirtPort: number;
  readonly imageFolder: string;
}

/**
 * A real Xen host in QEMU: Xen and a Debian dom0, reached over loopback. It is restored from a snapshot, so that it
 * is there in seconds; `reset` takes it back to the snapshot between test files.
 */
export class XenHost {
  readonly image: XenHostImage;
  readonly runFolder: string;
  readonly #record: HostRecord;

  private constructor(image: XenHostImage, runFolder: string, record: HostRecord) {
    this.image = image;
    this.runFolder = runFolder;
    this.#record = record;
  }

  /** Starts a host, taking the snapshot first where there is none. */
  static async start(runFolder: string, changes: Partial<XenHostShape> = {}): Promise<XenHost> {
    const { image, shape, snapshot } = await XenHost.prepare(runFolder, changes);
    const host = await XenHost.launch(image, runFolder, shape, snapshot, ['-loadvm', SNAPSHOT]);
    await host.settle();
    return host;
  }

  /** Takes the snapshot that a host is started from, where there is none. */
  static async prepare(
    runFolder: string,
    changes: Partial<XenHostShape> = {},
  ): Promise<{ image: XenHostImage; shape: XenHostShape; snapshot: string }> {
    const shape = { ...DEFAULT_SHAPE, ...changes };
    const image = await xenHostImage();
    await mkdir(runFolder, { recursive: true, mode: 0o700 });
    const snapshot = join(image.folder, `snapshot-${snapshotName(image, shape)}.qcow2`);
    if (!(await exists(snapshot))) await takeSnapshot(image, runFolder, shape, snapshot);
    return { image, shape, snapshot };
  }

  /** The host that runs in a folder, or null if none does. */
  static async find(runFolder: string): Promise<XenHost | null> {
    try {
      const record = JSON.parse(await readFile(join(runFolder, 'host.json'), 'utf8')) as HostRecord;
      process.kill(record.qemuPid, 0);
      return new XenHost(imageIn(record.imageFolder), runFolder, record);
    } catch {
      return null;
    }
  }

  /** Starts QEMU on a private copy of a disk. */
  static async launch(
    image: XenHostImage,
    runFolder: string,
    shape: XenHostShape,
    disk: string,
    more: readonly string[],
  ): Promise<XenHost> {
    const [sshPort, libvirtPort] = await freePorts();
    const ownDisk = join(runFolder, 'dom0.qcow2');
    // Of a host that ended by itself: their readers would take them for this one's.
    for (const old of ['control', 'qemu.pid']) await rm(join(runFolder, old), { force: true });
    await copyFile(disk, ownDisk, constants.COPYFILE_FICLONE);
    const args = qemuArguments(image, runFolder, shape, ownDisk, sshPort, libvirtPort);
    const qemu = spawn(
      'timeout',
      ['--signal=KILL', String(LIFETIME_SECONDS), 'qemu-system-x86_64', ...args, ...more],
      { detached: true, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    await once(qemu, 'spawn');
    let complaints = '';
    qemu.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
    const pidFile = join(runFolder, 'qemu.pid');
    await until(30_000, 'QEMU starts', async () => {
      if (qemu.exitCode !== null) {
        throw new Error(`QEMU ended with ${String(qemu.exitCode)}: ${complaints.trim()}`);
      }
      return exists(pidFile);
    });
    qemu.stderr.removeAllListeners();
    qemu.stderr.destroy();
    qemu.unref();
    const qemuPid = Number(await readFile(pidFile, 'utf8'));
    const record = { qemuPid, sshPort, libvirtPort, imageFolder: image.folder };
    await writeFile(join(runFolder, 'host.json'), JSON.stringify(record));
    return new XenHost(image, runFolder, record);
  }

  get sshPort(): number {
    return this.#record.sshPort;
  }

  /** libvirt's Xen driver of this host. */
  get libvirtUri(): string {
    return `xen+tcp://127.0.0.1:${String(this.#record.libvirtPort)}/system`;
  }

  get consoleLog(): string {
    return join(this.runFolder, 'console.log');
  }

  get consoleSocket(): string {
    return join(this.runFolder, 'console.sock');
  }

  /** What ssh must be told to find dom0, and to know it. */
  get sshOptions(): readonly string[] {
    const { key, knownHosts } = this.image;
    const options = ['-i', key, '-p', String(this.sshPort), '-o', 'HostKeyAlias=xenhost'];
    options.push('-o', `UserKnownHostsFile=${knownHosts}`, '-o', 'StrictHostKeyChecking=yes');
    return options;
  }

  /** The `ssh` arguments that reach root in dom0, over one multiplexed connection. */
  get sshArguments(): readonly string[] {
    return [
      ...['-q', ...this.sshOptions, '-o', 'BatchMode=yes'],
      ...['-o', 'ControlMaster=auto', '-o', `ControlPath=${join(this.runFolder, 'control')}`],
      ...['-o', 'ControlPersist=600', '-o', 'ServerAliveInterval=30', '-o', 'ConnectTimeout=20'],
      'root@127.0.0.1',
    ];
  }

  /** Runs a command line of dom0's shell. Rejects only if ssh itself fails. */
  async run(commandLine: string, deadlineMs = 60_000): Promise<CommandResult> {
    const child = spawn('ssh', [...this.sshArguments, commandLine], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: deadlineMs,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code === null || code === 255) {
      throw new Error(`ssh to the Xen host failed at '${commandLine}': ${stderr.trim()}`);
    }
    return { stdout, stderr, exitCode: code };
  }

  /** Copies a file into dom0. */
  async put(localPath: string, path: string): Promise<void> {
    const [user, ...options] = [...this.sshArguments].reverse();
    const scpOptions = options.reverse().map((option) => (option === '-p' ? '-P' : option));
    await promisify(execFile)('scp', [...scpOptions, localPath, `${String(user)}:${path}`], {
      timeout: 60_000,
    });
  }

  /** Takes the host back to the snapshot: no guests, daemons as they were. Open connections are lost. */
  async reset(): Promise<void> {
    await this.closeConnections();
    const complaint = await humanMonitor(join(this.runFolder, 'qmp.sock'), `loadvm ${SNAPSHOT}`);
    if (complaint !== '') {
      throw new Error(`cannot restore the snapshot: ${complaint}`);
    }
    await this.settle();
  }

  /** Ends the host. What was in it is gone. */
  async stop(): Promise<void> {
    await this.closeConnections();
    try {
      process.kill(this.#record.qemuPid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
    await until(30_000, 'QEMU ends', () => Promise.resolve(!isAlive(this.#record.qemuPid)));
    await rm(this.runFolder, { recursive: true, force: true });
  }

  private async closeConnections(): Promise<void> {
    await promisify(execFile)('ssh', ['-O', 'exit', ...this.sshArguments]).catch(() => undefined);
  }

  /** Waits until xl answers, and sets the clock, which stood still in the snapshot. */
  private async settle(): Promise<void> {
    await until(120_000, 'dom0 answers', async () => {
      const now = Math.floor(Date.now() / 1000);
      const command = `date -s @${String(now)} >/dev/null && xl list >/dev/null`;
      return (await this.run(command, 20_000).catch(() => null))?.exitCode === 0;
    });
  }
}

async function takeSnapshot(
  image: XenHostImage,
  runFolder: string,
  shape: XenHostShape,
  snapshot: string,
): Promise<void> {
  const host = await XenHost.launch(image, runFolder, shape, image.disk, []);
  try {
    await until(300_000, 'dom0 boots', async () => {
      const log = await readFile(host.consoleLog, 'utf8').catch(() => '');
      if (/xenhost: [\d.]+ FAILED|Kernel panic|Panic on CPU/.test(log)) {
        throw new Error(`dom0 does not come up; see ${host.consoleLog}`);
      }
      return /xenhost: [\d.]+ READY/.test(log);
    });
    // What the first call of each tool loads is then in the snapshot's page cache.
    await host.run(
      'xl info >/dev/null; xl list >/dev/null; virsh -c xen:///system list >/dev/null; sync',
    );
    await humanMonitor(join(runFolder, 'qmp.sock'), `savevm ${SNAPSHOT}`);
    await humanMonitor(join(runFolder, 'qmp.sock'), 'stop');
    const temporary = `${snapshot}.${String(process.pid)}`;
    await copyFile(join(runFolder, 'dom0.qcow2'), temporary, constants.COPYFILE_FICLONE);
    await rename(temporary, snapshot);
  } finally {
    await host.stop();
  }
  await mkdir(runFolder, { recursive: true, mode: 0o700 });
}

/** A snapshot is of one machine: with other arguments, it would bring back what these no longer say. */
function snapshotName(image: XenHostImage, shape: XenHostShape): string {
  const machine = JSON.stringify(machineArguments(image, shape));
  return `${shape.store}-${createHash('sha256').update(machine).digest('hex').slice(0, 16)}`;
}

/**
 * What Xen and dom0 are started on. q35 with `+npt`, without which Xen refuses PVH guests under emulation. `bootscrub=off` keeps Xen
 * from touching, and so QEMU from taking, all of the memory. dom0 has one vCPU: a toolstack and xenstored wake each other hundreds of
 * times for each guest, and from one vCPU to another that goes through the hypervisor, which made an `xl create` cost QEMU 3.3 seconds of
 * processor time instead of 0.9.
 */
function machineArguments(image: XenHostImage, shape: XenHostShape): readonly string[] {
  const dom0 = `${String(shape.dom0MemoryMiB)}M`;
  return [
    ...['-name', 'xenhost', '-M', 'q35', '-accel', 'tcg,thread=multi'],
    ...['-cpu', 'qemu64,+svm,+npt', '-smp', '2', '-m', String(shape.memoryMiB)],
    ...['-nodefaults', '-display', 'none', '-no-reboot'],
    ...['-kernel', image.xen, '-append'],
    `dom0_mem=${dom0},max:${dom0} dom0_max_vcpus=1 console=com1 com1=115200,8n1 bootscrub=off noreboot`,
    '-initrd',
    `${image.kernel} root=/dev/vda rw console=hvc0 quiet mitigations=off net.ifnames=0 xenhost.store=${shape.store},${image.initramfs}`,
  ];
}

function qemuArguments(
  image: XenHostImage,
  runFolder: string,
  shape: XenHostShape,
  disk: string,
  sshPort: number,
  libvirtPort: number,
): readonly string[] {
  const forward = (port: number, to: number): string =>
    `hostfwd=tcp:127.0.0.1:${String(port)}-:${String(to)}`;
  return [
    ...machineArguments(image, shape),
    ...['-drive', `file=${disk},if=virtio,format=qcow2,cache=unsafe`],
    '-netdev',
    `user,id=net,restrict=on,${forward(sshPort, 22)},${forward(libvirtPort, 16509)}`,
    ...['-device', 'virtio-net-pci,netdev=net,romfile=', '-device', 'virtio-rng-pci'],
    '-chardev',
    `socket,id=console,path=${join(runFolder, 'console.sock')},server=on,wait=off,logfile=${join(runFolder, 'console.log')}`,
    ...['-serial', 'chardev:console'],
    ...['-qmp', `unix:${join(runFolder, 'qmp.sock')},server=on,wait=off`],
    ...['-pidfile', join(runFolder, 'qemu.pid')],
  ];
}

/** Two TCP ports of the loopback address that are free now. */
async function freePorts(): Promise<[number, number]> {
  const servers = [createServer(), createServer()] as const;
  const ports: number[] = [];
  for (const server of servers) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ports.push((server.address() as AddressInfo).port);
  }
  for (const server of servers) {
    server.close();
  }
  return ports as [number, number];
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function until(
  deadlineMs: number,
  what: string,
  condition: () => Promise<boolean>,
): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (!(await condition())) {
    if (Date.now() > end) {
      throw new Error(`gave up after ${String(deadlineMs / 1000)} s: ${what}`);
    }
    await sleep(50);
  }
}
