// SPDX-License-Identifier: BSD-3-Clause
export { XenDoctor } from './doctor/xen-doctor.js';
export { XlDriver, type XlDriverOptions } from './xl-driver.js';
