// SPDX-License-Identifier: BSD-3-Clause
import type { ImageManifest } from '../../build/image.js';
import { UnicoreError } from '../../errors/index.js';

/** The option by which a guest that can park does so: pools/plat/README.md, Claim. */
export const PARK_OPTION = 'uc.park';

/** What a parked guest takes, unless its configuration says otherwise (LIBBOOT_PARK_LINE, LIBBOOT_ARGUMENTS_MAX). */
const MOST_CLAIM_BYTES = 1024;
const MOST_CLAIM_WORDS = 64;

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

/**
 * What a parked guest waits for: its command line, with the name where `argv[0]` is to be it, and a zero byte.
 * @throws INVALID_REQUEST if it is longer than a guest takes
 */
export function claimLine(args: readonly string[], name: string | null = null): Buffer {
  const line = Buffer.from(claimText(args, name));
  if (fits(line, args)) return line;
  throw new UnicoreError(
    'INVALID_REQUEST',
    `A parked guest takes ${MOST_CLAIM_WORDS} words in ${MOST_CLAIM_BYTES} bytes. Start it cold.`,
  );
}

/** Whether a parked guest takes these arguments, whatever its platform, for an instance of this name. */
export function fitsClaim(args: readonly string[], name: string): boolean {
  return fits(Buffer.from(claimText(args, name)), args);
}

function claimText(args: readonly string[], name: string | null): string {
  const words = name === null ? [] : [`uc.name=${name}`];
  return `${[...words, guestCommandLine(args)].join(' ')}\0`;
}

/** The name is a word, too. */
function fits(line: Buffer, args: readonly string[]): boolean {
  return line.byteLength <= MOST_CLAIM_BYTES && args.length < MOST_CLAIM_WORDS - 1;
}

function quote(argument: string): string {
  if (/^[\w@%+=:,./-]+$/.test(argument)) return argument;
  return `'${argument.replaceAll("'", `'"'"'`)}'`;
}
