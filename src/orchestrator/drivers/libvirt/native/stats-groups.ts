// SPDX-License-Identifier: BSD-3-Clause

/** Groups of statistics, to be joined by `|`: virDomainStatsTypes. */
export const STATS_STATE = 1 << 0;
export const STATS_CPU = 1 << 1;
export const STATS_BALLOON = 1 << 2;
