// SPDX-License-Identifier: BSD-3-Clause
import { existsSync, lstatSync, readlinkSync } from 'node:fs';

/** Folders at the root that hold programs and libraries; links into /usr on a merged system. */
const PROGRAM_FOLDERS = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'];
/** All of /etc that a compiler needs: which of several programs is meant, and where libraries are. */
const SETTINGS = ['/etc/alternatives', '/etc/ld.so.cache'];

/** bubblewrap's arguments that make the toolchain visible, and nothing else of the machine. */
export function toolchainMounts(): readonly string[] {
  const mounts = ['--ro-bind', '/usr', '/usr', '--dir', '/etc'];
  for (const folder of PROGRAM_FOLDERS) {
    const stats = lstatSync(folder, { throwIfNoEntry: false });
    if (stats?.isSymbolicLink() === true) mounts.push('--symlink', readlinkSync(folder), folder);
    else if (stats?.isDirectory() === true) mounts.push('--ro-bind', folder, folder);
  }
  for (const path of SETTINGS) if (existsSync(path)) mounts.push('--ro-bind', path, path);
  return mounts;
}

/** A file or folder of the machine, and where it is inside. */
export interface Mount {
  readonly source: string;
  readonly target: string;
  readonly writable: boolean;
}

/** bubblewrap's arguments for a list of mounts. */
export function mountArguments(mounts: readonly Mount[]): readonly string[] {
  return mounts.flatMap(({ source, target, writable }) => [
    writable ? '--bind' : '--ro-bind',
    source,
    target,
  ]);
}
