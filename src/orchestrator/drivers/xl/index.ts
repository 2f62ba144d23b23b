// SPDX-License-Identifier: BSD-3-Clause
export { dom0BootId } from './boot-id.js';
export type { Dom0 } from './dom0.js';
export { XenDoctor } from './doctor/xen-doctor.js';
export { LocalDom0 } from './local-dom0.js';
export { PlacedImages } from './placed-images.js';
export { SshDom0, type SshTarget } from './ssh-dom0.js';
export { XlDriver, type XlDriverOptions } from './xl-driver.js';
