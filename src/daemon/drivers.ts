// SPDX-License-Identifier: BSD-3-Clause
import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import {
  type Dom0,
  LocalDom0,
  SshDom0,
  type SshTarget,
} from '../orchestrator/drivers/dom0/index.js';
import {
  LIBVIRT_SOCKETS,
  LibvirtDoctor,
  LibvirtDriver,
} from '../orchestrator/drivers/libvirt/index.js';
import { LinuxuDoctor } from '../orchestrator/drivers/linuxu/doctor/linuxu-doctor.js';
import { LAUNCHER_PATH } from '../orchestrator/drivers/linuxu/launcher-process.js';
import { LinuxuDriver } from '../orchestrator/drivers/linuxu/linuxu-driver.js';
import { XenDoctor, XlDriver } from '../orchestrator/drivers/xl/index.js';
import type { HostConfiguration as ManagedHost } from '../orchestrator/index.js';
import type { Configuration, HostConfiguration } from './configuration-schema.js';
import type { StateDirectory } from './state-directory.js';
import { sshOfUri, THIS_MACHINE, xenEndpoint } from './xen-endpoint.js';

const MAXIMUM_PROCESSES = 32_768;
const LAUNCHER_IDLE_SECONDS = 60;

type Host = Required<Pick<ManagedHost, 'driver' | 'doctor'>>;

/**
 * The hosts of the configuration; where it names none, Linux itself as `local` and, if `libvirtUri` is set or the system's
 * libvirtd listens, its QEMU as `qemu`. `owner` marks what is ours on them. Each driver has a directory of its own under the state directory.
 */
export async function createDrivers(
  configuration: Configuration,
  state: StateDirectory,
  owner: string,
  logger: Logger,
): Promise<readonly ManagedHost[]> {
  const hosts = configuration.hosts ?? (await defaultHosts(configuration.libvirtUri));
  return Promise.all(
    hosts.map(async (host) => {
      const directory = join(state.path, 'hosts', host.id);
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const { driver, doctor } = hostOf(host, directory, owner, logger.child({ host: host.id }));
      return { id: host.id, driver, doctor, limits: host.capacity ?? {} };
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

/** The way to dom0 of a Xen host that libvirt looks after: what libvirt does not do is done there. Null if there is none. */
function dom0OfLibvirt(
  host: Extract<HostConfiguration, { driver: 'libvirt' }>,
  directory: string,
): Dom0 | null {
  const ssh = host.ssh ?? sshOfUri(host.uri);
  if (ssh !== null) return remoteDom0(ssh, directory);
  return xenEndpoint(host) === THIS_MACHINE ? new LocalDom0() : null;
}

/** One connection for all commands; its socket lies in the host's own folder. */
function remoteDom0(ssh: Omit<SshTarget, 'controlPath'>, directory: string): SshDom0 {
  return new SshDom0({ ...ssh, controlPath: join(directory, 'ssh') });
}

function hostOf(host: HostConfiguration, directory: string, owner: string, logger: Logger): Host {
  if (host.driver === 'libvirt') {
    const options = { uri: host.uri, owner, directory, logger };
    const dom0 = xenEndpoint(host) === null ? null : dom0OfLibvirt(host, directory);
    return dom0 === null
      ? { driver: new LibvirtDriver(options), doctor: new LibvirtDoctor(host.uri) }
      : { driver: new LibvirtDriver({ ...options, dom0 }), doctor: new XenDoctor(dom0) };
  }
  if (host.driver === 'xl') {
    const dom0 = host.ssh === undefined ? new LocalDom0() : remoteDom0(host.ssh, directory);
    return { driver: new XlDriver({ dom0, owner }), doctor: new XenDoctor(dom0) };
  }
  const settings = {
    launcherPath: LAUNCHER_PATH,
    stateDirectory: directory,
    owner,
    maxInstances: MAXIMUM_PROCESSES,
    idleSeconds: LAUNCHER_IDLE_SECONDS,
  };
  return { driver: new LinuxuDriver(settings), doctor: new LinuxuDoctor(settings) };
}
