// SPDX-License-Identifier: BSD-3-Clause
export { dom0BootId } from './boot-id.js';
export { claimGuest, notParked } from './claim.js';
export { consoleLogPath, readConsoleLog, removeConsoleLog, writeConsole } from './console.js';
export type { Dom0, Dom0Result, Dom0Stream } from './dom0.js';
export { type GuestReport, GuestReports } from './guest-reports.js';
export { LocalDom0 } from './local-dom0.js';
export { PlacedImages } from './placed-images.js';
export { SshDom0, type SshTarget } from './ssh-dom0.js';
export type { XenDomain } from './xen-domain.js';
