// SPDX-License-Identifier: BSD-3-Clause
import { PrivateLibvirtd } from '../drivers/libvirtd.js';
import { DaemonProcess } from './daemon-process.js';

/** A daemon whose hosts are Linux itself and the QEMU of a libvirtd of its own, and what ends them. */
export interface DaemonOnHosts extends AsyncDisposable {
  readonly daemon: DaemonProcess;
}

/** `moreHosts`: TOML of hosts besides these. */
export async function startDaemonOnHosts(moreHosts = ''): Promise<DaemonOnHosts> {
  const libvirtd = await PrivateLibvirtd.start();
  const daemon = await DaemonProcess.start({ toml: hostsToml(libvirtd.uri) + moreHosts });
  return {
    daemon,
    [Symbol.asyncDispose]: async () => {
      await daemon[Symbol.asyncDispose]();
      await libvirtd.stop();
    },
  };
}

/** TOML of Linux itself as `local`, and the QEMU of a libvirtd as `qemu`. */
export function hostsToml(uri: string): string {
  return `
[[hosts]]
id = "local"
driver = "linuxu"

[[hosts]]
id = "qemu"
driver = "libvirt"
uri = ${JSON.stringify(uri)}
`;
}

/** A libvirtd that is not there. */
export const A_DEAD_HOST = `
[[hosts]]
id = "gone"
driver = "libvirt"
uri = "qemu+unix:///system?socket=/nonexistent/libvirt-sock"
`;
