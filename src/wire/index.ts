// SPDX-License-Identifier: BSD-3-Clause
// The shapes of the public API, as zod schemas: the one source of the REST and WebSocket validation, of the OpenAPI
// document and of the command line's types. Knows nothing of what is behind the API.
export * from './build.js';
export * from './common.js';
export * from './daemon.js';
export * from './event.js';
export * from './host.js';
export * from './image.js';
export * from './instance.js';
export * from './metrics.js';
export * from './operation.js';
export * from './problem.js';
export * from './token.js';
export * from './warm-pool.js';
