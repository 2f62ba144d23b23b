// SPDX-License-Identifier: BSD-3-Clause

/** A program that a build runs and whose version goes into an image. */
export interface Tool {
  readonly name: string;
  readonly versionArguments: readonly string[];
  readonly debianPackage: string;
}

/** The toolchain of an architecture on machines of another one. As in pools/arch/<architecture>/arch.mk. */
const CROSS_TOOLCHAINS: ReadonlyMap<string, { readonly host: string; readonly triplet: string }> =
  new Map([
    ['x86_64', { host: 'x64', triplet: 'x86_64-linux-gnu' }],
    ['arm64', { host: 'arm64', triplet: 'aarch64-linux-gnu' }],
    ['arm', { host: 'arm', triplet: 'arm-linux-gnueabihf' }],
  ]);

/** The programs that build images for an architecture; for one that we do not know, those of this machine. */
export function toolsFor(architecture: string, host: string = process.arch): readonly Tool[] {
  const cross = CROSS_TOOLCHAINS.get(architecture);
  const triplet = cross === undefined || cross.host === host ? null : cross.triplet;
  const prefix = triplet === null ? '' : `${triplet}-`;
  // Debian writes the triplet's underscore as a hyphen.
  const suffix = triplet === null ? '' : `-${triplet.replace('_', '-')}`;
  const tool = (name: string, versionArgument: string, debianPackage: string): Tool => ({
    name: `${prefix}${name}`,
    versionArguments: [versionArgument],
    debianPackage: `${debianPackage}${suffix}`,
  });
  return [
    { name: 'make', versionArguments: ['--version'], debianPackage: 'make' },
    tool('gcc', '-v', 'gcc'),
    tool('as', '--version', 'binutils'),
    tool('ld', '--version', 'binutils'),
    tool('objcopy', '--version', 'binutils'),
  ];
}
