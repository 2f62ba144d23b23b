// SPDX-License-Identifier: BSD-3-Clause
export { connectXenstore } from './connect.js';
export { isRefusal, XenstoreRefusal } from './refusal.js';
export type { XenstoreView } from './view.js';
export { Xenstore, type XenstoreOptions } from './xenstore.js';
