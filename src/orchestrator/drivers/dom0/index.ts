// SPDX-License-Identifier: BSD-3-Clause
export { dom0BootId } from './boot-id.js';
export { notParked } from './claim.js';
export { consoleLogPath, readConsoleLog, removeConsoleLog, writeConsole } from './console.js';
export type { Dom0, Dom0Result, Dom0Stream } from './dom0.js';
export type { GuestReport } from './guest-keys.js';
export { GuestStore } from './guest-store.js';
export { LocalDom0 } from './local-dom0.js';
export { PlacedImages } from './placed-images.js';
export { SshDom0, type SshTarget } from './ssh-dom0.js';
export type { XenDomain } from './xen-domain.js';
export { XEN_OVERHEAD } from './xen-overhead.js';
export { connectXenstore } from './xenstore/index.js';
export { isNameless, XlCommands, type XlListRow } from './xl/index.js';
