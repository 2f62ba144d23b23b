// SPDX-License-Identifier: BSD-3-Clause
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import {
  LibvirtDriver,
  type LibvirtDriverOptions,
} from '../../src/orchestrator/drivers/libvirt/index.js';
import { type Dom0, SshDom0, type SshTarget } from '../../src/orchestrator/drivers/dom0/index.js';
import { XlDriver, type XlDriverOptions } from '../../src/orchestrator/drivers/xl/index.js';
import { recordingLogger } from '../support/logger.js';
import type { ContractGuests, DriverHarness, Stranger } from '../drivers/contract.js';
import { XenHost, type XenHostShape } from '../xenhost/xen-host.ts';
import { contractGuests, type GuestKind } from './guests.js';

const MEBIBYTE = 1024 * 1024;
const OWNER = 'contractowner';
const STRANGER_KERNEL = '/root/stranger';

/** A connection that outlives the driver objects of the single tests: making one takes its time under emulation. */
class SharedDom0 extends SshDom0 {
  override close(): Promise<void> {
    return Promise.resolve();
  }
}

/** A Xen host of a suite's own, with the guests of the contract, and a folder for what the suite keeps here. */
export class XenBed {
  readonly #dom0: SharedDom0;

  private constructor(
    readonly folder: string,
    readonly host: XenHost,
    readonly guests: ContractGuests,
  ) {
    this.#dom0 = new SharedDom0(this.sshTarget('shared'));
  }

  static async start(kind: GuestKind, shape: Partial<XenHostShape> = {}): Promise<XenBed> {
    const folder = await mkdtemp(join(tmpdir(), 'uc-xen-'));
    const guests = contractGuests(folder, kind);
    const host = await XenHost.start(join(folder, 'host'), shape);
    await host.put(guests.daemon.image.path, STRANGER_KERNEL);
    return new XenBed(folder, host, guests);
  }

  /** What the processes of the drivers' ssh connection have on their command line. */
  get sharedConnection(): string {
    return join(this.folder, 'shared');
  }

  /** dom0 by the drivers' connection. */
  get dom0(): Dom0 {
    return this.#dom0;
  }

  /** How ssh reaches dom0, over a connection of the caller's own. */
  sshTarget(name = randomUUID().slice(0, 8)): SshTarget {
    const controlPath = join(this.folder, name);
    return { destination: 'root@127.0.0.1', options: this.host.sshOptions, controlPath };
  }

  connectXl(changes: Partial<XlDriverOptions> = {}): XlDriver {
    return new XlDriver({ dom0: this.#dom0, owner: OWNER, ...changes });
  }

  /** libvirt's Xen driver over TCP, and dom0 by ssh. */
  connectLibvirt(changes: Partial<LibvirtDriverOptions> = {}): LibvirtDriver {
    const owner = changes.owner ?? OWNER;
    return new LibvirtDriver({
      uri: this.host.libvirtUri,
      owner,
      directory: join(this.folder, owner),
      logger: recordingLogger(),
      dom0: this.#dom0,
      ...changes,
    });
  }

  /** Forwards a TCP port or socket of this machine to one of dom0's, as `-L` of ssh(1) has them, until what it gives is called. */
  async forward(from: string, to: string): Promise<() => Promise<void>> {
    const { destination, options } = this.sshTarget();
    const words = ['-T', ...options, '-o', 'ExitOnForwardFailure=yes', '-L', `${from}:${to}`];
    // It says when the forwarding is there, and ends with its input.
    const ssh = spawn('ssh', [...words, destination, 'echo there; exec cat'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(ssh.stdout, 'data');
    return async () => {
      const ended = once(ssh, 'exit');
      ssh.kill();
      await ended;
    };
  }

  /** Makes a domain by hand, from a kernel that is not one of ours. */
  async createStranger(name = 'stranger', memoryMebibytes = 2): Promise<Stranger> {
    const id = randomUUID();
    const settings = [`name="${name}"`, `uuid="${id}"`, `kernel="${STRANGER_KERNEL}"`];
    settings.push('type="pvh"', `memory=${memoryMebibytes}`, 'vcpus=1', 'extra="-- hold"');
    const words = settings.map((setting) => `'${setting}'`).join(' ');
    await this.succeed(`xl create -q -e /dev/null ${words}`);
    return {
      id,
      alive: async () => (await this.succeed('xl list -v')).includes(id),
      remove: async () => {
        await this.succeed(`xl destroy ${name}`);
      },
    };
  }

  /** Makes a domain of another owner's through libvirt, with a name like ours. */
  async createStrangerOfLibvirt(): Promise<Stranger> {
    const other = this.connectLibvirt({ owner: 'otherowner' });
    await other.open();
    const id = randomUUID();
    const { image, args } = this.guests.daemon;
    const shape = { memoryBytes: 2 * MEBIBYTE, vcpus: 1, paused: false, park: false };
    await other.create({ id, name: 'stranger', image, args, ...shape });
    return {
      id,
      alive: async () => (await this.succeed('xl list -v')).includes(id),
      remove: async () => {
        await other.destroy(id);
        await other.close();
      },
    };
  }

  /** Ends a domain with xl, without the driver. */
  async killBehindBack(id: string): Promise<void> {
    const row = (await this.succeed('xl list -v')).split('\n').find((line) => line.includes(id));
    await this.succeed(`xl destroy ${/^\S+\s+(\d+)/.exec(row ?? '')?.[1] ?? 'nothing'}`);
  }

  /** Kills libvirtd as a crash would. */
  async killLibvirtd(): Promise<void> {
    await this.succeed('kill -9 $(pgrep -x libvirtd); while pgrep -x libvirtd; do sleep 0.1; done');
  }

  async startLibvirtd(): Promise<void> {
    await this.succeed('libvirtd -d -l');
  }

  /** Runs a command line of dom0's shell, which must succeed; gives what it printed. */
  async succeed(commandLine: string, deadlineMilliseconds = 120_000): Promise<string> {
    const result = await this.host.run(commandLine, deadlineMilliseconds);
    expect(result, commandLine).toMatchObject({ exitCode: 0 });
    return result.stdout;
  }

  async stop(): Promise<void> {
    await this.host.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** What the contract needs besides the driver. */
export function xenHarness(
  bed: XenBed,
  kind: GuestKind,
): Omit<DriverHarness, 'connect' | 'capabilities'> {
  return {
    guests: bed.guests,
    memoryBytes: (kind === 'pvh' ? 2 : 4) * MEBIBYTE,
    endOfLineInArguments: 'kept',
    killBehindBack: (id) => bed.killBehindBack(id),
    createStranger: () => bed.createStranger(),
    concurrentCreates: 4,
    patienceMilliseconds: 120_000,
    close: () => bed.stop(),
  };
}
