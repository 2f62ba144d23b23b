// SPDX-License-Identifier: BSD-3-Clause
// What machines need for guests to do well: checks that are functions of facts. Knows nothing of who asks, or of hypervisors.
export {
  finding,
  guestsWithin,
  limitFinding,
  type Finding,
  type HostLimit,
  type Severity,
  type Subject,
} from './finding.js';
export {
  linuxFindings,
  openFilesLimit,
  processLimits,
  setSysctl,
  type ProcessCost,
} from './linux-checks.js';
export {
  gatherLinuxFacts,
  parseLinuxFacts,
  type DaemonFacts,
  type LinuxFacts,
  type RunThere,
} from './linux-facts.js';
