// SPDX-License-Identifier: BSD-3-Clause
export { createBuildLayer, type BuildLayer, type BuildLayerOptions } from './build-layer.js';
export type * from './image.js';
export { isImageDigest } from './image.js';
export type { Logger } from './logger.js';
export type { Retention } from './collector/index.js';
export type * from './ports.js';
export { isTarget, parseTarget, type Target, type TargetParts } from './target.js';
