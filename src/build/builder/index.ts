// SPDX-License-Identifier: BSD-3-Clause
export { BuildCache } from './build-cache.js';
export { BuildHistory } from './build-history.js';
export { BuildingImageSource } from './building-image-source.js';
export { JobQueue } from './job-queue.js';
export { MakeRunner } from './make-runner.js';
export { QueuedBuilder } from './queued-builder.js';
export { TargetBuilds } from './target-builds.js';
export { Toolchain } from './toolchain.js';
