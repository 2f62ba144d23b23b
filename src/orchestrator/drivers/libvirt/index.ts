// SPDX-License-Identifier: BSD-3-Clause
export { LibvirtDriver } from './driver.js';
export type { AccelerationChoice, Deadlines, KeepAlive, LibvirtDriverOptions } from './options.js';
