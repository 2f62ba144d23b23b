// SPDX-License-Identifier: BSD-3-Clause

/** What one confined build may use at most. */
export interface SandboxLimits {
  /** Memory of all its processes together, and of one of them. */
  readonly memoryBytes: number;
  /** What it can write; it is memory, too. */
  readonly diskBytes: number;
  /** One file, among them the image. */
  readonly fileBytes: number;
  readonly processes: number;
  readonly openFiles: number;
}

const MIB = 1024 * 1024;

/** A helloworld takes 8 MiB of disk, and about 60 MiB of memory for each compiler. */
export function defaultLimits(parallelCompilers: number): SandboxLimits {
  return {
    memoryBytes: 2048 * MIB,
    diskBytes: 512 * MIB,
    fileBytes: 128 * MIB,
    // A compiler is four processes: shell, driver, compiler proper, assembler.
    processes: 64 + 16 * parallelCompilers,
    openFiles: 1024,
  };
}
