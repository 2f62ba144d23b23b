// SPDX-License-Identifier: BSD-3-Clause

/** The hosts of the end-to-end tests: Linux itself, and the QEMU of the libvirtd that script/test starts. */
export const HOSTS = `
[[hosts]]
id = "local"
driver = "linuxu"

[[hosts]]
id = "qemu"
driver = "libvirt"
uri = "qemu:///system"
`;

/** The same, and a libvirtd that is not there. */
export const HOSTS_AND_A_DEAD_ONE = `${HOSTS}
[[hosts]]
id = "gone"
driver = "libvirt"
uri = "qemu+unix:///system?socket=/nonexistent/libvirt-sock"
`;
