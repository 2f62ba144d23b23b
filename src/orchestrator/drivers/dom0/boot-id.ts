// SPDX-License-Identifier: BSD-3-Clause
import type { Dom0 } from './dom0.js';

const MILLISECONDS = 60_000;

/**
 * What tells this dom0 from all others: the kernel's random id of its boot (random(4)). libvirt's Xen driver tells no id of the host, and
 * firmware often none either.
 */
export async function dom0BootId(dom0: Dom0): Promise<string | null> {
  const path = '/proc/sys/kernel/random/boot_id';
  const { stdout } = await dom0.run(['cat', path], { timeoutMilliseconds: MILLISECONDS });
  return /^[0-9a-f-]{36}$/.test(stdout.trim()) ? `dom0-boot:${stdout.trim()}` : null;
}
