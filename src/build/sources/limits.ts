// SPDX-License-Identifier: BSD-3-Clause

/** What an uploaded archive may be. An application of ours is under 100 KiB; a port of a large program fits, too. */
export const ARCHIVE_LIMITS = {
  /** Bytes that are sent. */
  archiveBytes: 16 * 1024 * 1024,
  /** Bytes of the archive once it is uncompressed. */
  unpackedBytes: 64 * 1024 * 1024,
  /** How many times as long it may become; text of sources comes to 3 to 10. */
  ratio: 200,
  fileBytes: 16 * 1024 * 1024,
  /** Files and folders. */
  entries: 5_000,
  pathBytes: 240,
  depth: 16,
  /** Records about a file, such as a long name. */
  recordBytes: 64 * 1024,
  /** Kconfig, defconfig and Makefile, which the daemon itself reads. */
  settingsBytes: 256 * 1024,
} as const;

/** What of an archive is not counted in its ratio: small ones may be long runs of the same. */
export const RATIO_FREE_BYTES = 1024 * 1024;
