// SPDX-License-Identifier: BSD-3-Clause
export { inspectImage, type ImageInspection } from './inspect-image.js';
export type { UnicoreNote } from './unicore-note.js';
