// SPDX-License-Identifier: BSD-3-Clause
import { existsSync } from 'node:fs';

/** qboot, of Debian's qemu-system-data: it does nothing but start the kernel. */
const QBOOT = '/usr/share/qemu/qboot.rom';

/**
 * The firmware to start guests with, or null for QEMU's default, SeaBIOS, which takes twice as long under TCG, and
 * seconds where KVM emulates its real-mode code.
 */
export function firmwarePath(): string | null {
  return existsSync(QBOOT) ? QBOOT : null;
}
