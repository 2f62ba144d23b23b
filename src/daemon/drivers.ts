// SPDX-License-Identifier: BSD-3-Clause
import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { HypervisorDriver } from '../orchestrator/drivers/driver.js';
import { LibvirtDriver, type LibvirtDriverOptions } from '../orchestrator/drivers/libvirt/index.js';
import { LAUNCHER_PATH } from '../orchestrator/drivers/linuxu/launcher-process.js';
import { LinuxuDriver } from '../orchestrator/drivers/linuxu/linuxu-driver.js';
import {
  dom0BootId,
  LocalDom0,
  PlacedImages,
  SshDom0,
  type SshTarget,
  XlDriver,
} from '../orchestrator/drivers/xl/index.js';
import type { Configuration, HostConfiguration } from './configuration-schema.js';
import type { StateDirectory } from './state-directory.js';
import { sshOfUri, THIS_MACHINE, xenEndpoint } from './xen-endpoint.js';

const MAXIMUM_PROCESSES = 32_768;
const LAUNCHER_IDLE_SECONDS = 60;

/** Where a libvirtd that runs for the whole system listens. */
const LIBVIRT_SOCKETS = [
  '/run/libvirt/libvirt-sock',
  '/var/run/libvirt/libvirt-sock',
  '/run/libvirt/virtqemud-sock',
] as const;

export interface HostDriver {
  readonly id: string;
  readonly driver: HypervisorDriver;
}

/**
 * The hosts of the configuration; where it names none, Linux itself as `local` and, if `libvirtUri` is set or the system's
 * libvirtd listens, its QEMU as `qemu`. `owner` marks what is ours on them. Each driver has a directory of its own under the state directory.
 */
export async function createDrivers(
  configuration: Configuration,
  state: StateDirectory,
  owner: string,
  logger: Logger,
): Promise<readonly HostDriver[]> {
  const hosts = configuration.hosts ?? (await defaultHosts(configuration.libvirtUri));
  return Promise.all(
    hosts.map(async (host) => {
      const directory = join(state.path, 'hosts', host.id);
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const driver = driverOf(host, directory, owner, logger.child({ host: host.id }));
      return { id: host.id, driver };
    }),
  );
}

async function defaultHosts(uri: string | undefined): Promise<readonly HostConfiguration[]> {
  const local: HostConfiguration = { id: 'local', driver: 'linuxu' };
  if (uri !== undefined) return [local, { id: 'qemu', driver: 'libvirt', uri }];
  const qemu: HostConfiguration = { id: 'qemu', driver: 'libvirt', uri: 'qemu:///system' };
  for (const path of LIBVIRT_SOCKETS) {
    try {
      await access(path, constants.R_OK | constants.W_OK);
      return [local, qemu];
    } catch {
      continue; // not there, or not for us
    }
  }
  return [local];
}

/** What is needed of a Xen host besides libvirt, by ssh or here: to bring images to it, and to know it again. */
function besideLibvirt(
  host: Extract<HostConfiguration, { driver: 'libvirt' }>,
  directory: string,
  owner: string,
): Pick<LibvirtDriverOptions, 'placeImage' | 'machineId'> {
  const ssh = host.ssh ?? sshOfUri(host.uri);
  if (ssh === null) {
    if (xenEndpoint(host) !== THIS_MACHINE) return {};
    return { machineId: () => dom0BootId(new LocalDom0()) };
  }
  const dom0 = remoteDom0(ssh, directory);
  const images = new PlacedImages(dom0, owner);
  return { placeImage: (image) => images.place(image), machineId: () => dom0BootId(dom0) };
}

/** One connection for all commands; its socket lies in the host's own folder. */
function remoteDom0(ssh: Omit<SshTarget, 'controlPath'>, directory: string): SshDom0 {
  return new SshDom0({ ...ssh, controlPath: join(directory, 'ssh') });
}

function driverOf(
  host: HostConfiguration,
  directory: string,
  owner: string,
  logger: Logger,
): HypervisorDriver {
  if (host.driver === 'libvirt') {
    const options = { uri: host.uri, owner, directory, logger };
    if (xenEndpoint(host) === null) return new LibvirtDriver(options);
    return new LibvirtDriver({ ...options, ...besideLibvirt(host, directory, owner) });
  }
  if (host.driver === 'xl') {
    const dom0 = host.ssh === undefined ? new LocalDom0() : remoteDom0(host.ssh, directory);
    return new XlDriver({ dom0, owner });
  }
  return new LinuxuDriver({
    launcherPath: LAUNCHER_PATH,
    stateDirectory: directory,
    owner,
    maxInstances: MAXIMUM_PROCESSES,
    idleSeconds: LAUNCHER_IDLE_SECONDS,
  });
}
