// SPDX-License-Identifier: BSD-3-Clause
export type { BuildEnvironment, BuildProducts, BuildWork } from './build-environment.js';
export { chooseEnvironment, sandboxProblem, type ChosenEnvironment } from './choose.js';
export { defaultLimits, type SandboxLimits } from './limits.js';
