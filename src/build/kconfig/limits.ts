// SPDX-License-Identifier: BSD-3-Clause

/**
 * What a Kconfig tree may be at most. Linux 6.x, the largest tree in wide use, has about 20,000 symbols in 1,700 files
 * and 5 MB of text; the bounds leave room above it and keep a hostile tree from using up memory, time or stack.
 */
export const LIMITS = {
  files: 10_000,
  totalBytes: 64 * 1024 * 1024,
  /** Bytes of one Kconfig file or of one `.config`. */
  fileBytes: 8 * 1024 * 1024,
  /** Characters of one logical line, continuations and macros included. */
  lineLength: 64 * 1024,
  /** Files that source each other. */
  sourceDepth: 64,
  /** Menus, choices and ifs within each other. */
  blockDepth: 256,
  /** Parentheses and negations within each other. */
  expressionDepth: 128,
  /** Terms of one condition, after dependencies have been handed down. */
  conditionTerms: 512,
  /** Terms of all conditions together. */
  expressionTerms: 4_000_000,
  symbols: 200_000,
  /** Macro calls within each other, and all expanded text together. */
  macroDepth: 64,
  macroBytes: 16 * 1024 * 1024,
  /** Warnings that are kept. */
  warnings: 10_000,
  /** Names that a glob may match. */
  globMatches: 10_000,
} as const;
