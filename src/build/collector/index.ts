// SPDX-License-Identifier: BSD-3-Clause
export { GarbageCollector, type Retention } from './garbage-collector.js';
export { ObjectFolder } from './object-folder.js';
