// SPDX-License-Identifier: BSD-3-Clause
import type { ImageManifest } from '../../build/image.js';

/**
 * The kernel command line for an image: a foreign one gets its arguments as they are, with blanks between, since each kernel splits
 * them by rules of its own.
 */
export function commandLineFor(
  { target }: Pick<ImageManifest, 'target'>,
  args: readonly string[],
): string {
  return target === null ? args.join(' ') : guestCommandLine(args);
}

/**
 * The kernel command line that hands these arguments to the application of a Unicore image, as pools/lib/cmdline reads
 * it: everything after the word `--` is the application's, and between single quotes each character stands for itself.
 * A single quote is written between double quotes. Empty if there are no arguments.
 */
export function guestCommandLine(args: readonly string[]): string {
  return args.length === 0 ? '' : ['--', ...args.map(quote)].join(' ');
}

function quote(argument: string): string {
  if (/^[\w@%+=:,./-]+$/.test(argument)) return argument;
  return `'${argument.replaceAll("'", `'"'"'`)}'`;
}
