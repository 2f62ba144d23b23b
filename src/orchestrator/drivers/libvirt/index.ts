// SPDX-License-Identifier: BSD-3-Clause
export { LIBVIRT_SOCKETS } from './doctor/endpoint.js';
export { LibvirtDoctor } from './doctor/libvirt-doctor.js';
export { LibvirtDriver } from './driver.js';
export type { AccelerationChoice, Deadlines, KeepAlive, LibvirtDriverOptions } from './options.js';
