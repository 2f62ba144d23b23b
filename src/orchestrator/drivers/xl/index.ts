// SPDX-License-Identifier: BSD-3-Clause
export type { Dom0 } from './dom0.js';
export { LocalDom0 } from './local-dom0.js';
export { SshDom0, type SshTarget } from './ssh-dom0.js';
export { XlDriver, type XlDriverOptions } from './xl-driver.js';
