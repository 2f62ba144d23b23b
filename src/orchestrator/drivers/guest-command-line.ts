// SPDX-License-Identifier: BSD-3-Clause

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
