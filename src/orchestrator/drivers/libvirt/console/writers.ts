// SPDX-License-Identifier: BSD-3-Clause
import koffi from 'koffi';

// <fcntl.h> on Linux
const F_SETLEASE = 1024;
const F_RDLCK = 0;
const F_UNLCK = 2;
const EAGAIN = 11;

type Fcntl = (descriptor: number, command: number, argument: number) => number;
let fcntl: Fcntl | null = null;

/**
 * Whether some process has the file open for writing. The kernel grants a read lease only on a file that nobody writes
 * to (fcntl(2), F_SETLEASE); it is given back at once. A file system without leases says no.
 */
export function hasWriter(descriptor: number): boolean {
  fcntl ??= koffi.load('libc.so.6').func('int fcntl(int, int, int)') as unknown as Fcntl;
  if (fcntl(descriptor, F_SETLEASE, F_RDLCK) < 0) return koffi.errno() === EAGAIN;
  fcntl(descriptor, F_SETLEASE, F_UNLCK);
  return false;
}
