// SPDX-License-Identifier: BSD-3-Clause
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { elfFile, PVH_NOTE, unicoreNotes } from './elf-file.js';

/** A small tree that keeps the contract of the real pools (pools/support/README.md), with rules that compile nothing. */
export interface FakePools {
  /** Holds everything: pools, state and cache. */
  readonly root: string;
  readonly directory: string;
  /** Writes a file, by its path in the pools. */
  write(path: string, content: string | Uint8Array): Promise<void>;
  /** Lets the builds of the application `gated` go on. */
  openGate(): Promise<void>;
  /** The targets of all makes so far, in order. */
  makes(): Promise<readonly string[]>;
  remove(): Promise<void>;
}

const ROOT_KCONFIG = `mainmenu "Fake pools"
config UC_POOLS
	string
	option env="UC_POOLS"
config UC_APP
	string
	option env="UC_APP"
config UC_SOURCES
	string
	option env="UC_SOURCES"
config UC_PLAT
	string
	option env="UC_PLAT"
config UC_ARCH
	string
	option env="UC_ARCH"
source "$UC_APP/Kconfig"
source "$UC_SOURCES/plat.kconfig"
source "$UC_SOURCES/arch.kconfig"
source "$UC_SOURCES/lib.kconfig"
source "$UC_POOLS/support/Kconfig"
`;

function platform(name: string): string {
  const upper = name.toUpperCase();
  return `config TARGET_${upper}_X86_64
	bool "${name}-x86_64: for tests"
	help
	  Not a platform.

config PLAT_${upper}
	bool
	default y if TARGET_${upper}_X86_64 && UC_PLAT = "${name}"
`;
}

const FILES: Readonly<Record<string, string>> = {
  Kconfig: ROOT_KCONFIG,
  'support/Kconfig': `choice
	prompt "Optimisation"
	default OPTIMIZE_SIZE
config OPTIMIZE_SIZE
	bool "for size"
config OPTIMIZE_SPEED
	bool "for speed"
endchoice

config STACK_SIZE
	int "Bytes of stack"
	default 65536
	range 8192 16777216
`,
  // What a build does is its application's \`recipe\`, a make recipe that is called for each target.
  'support/rules.mk': `.PHONY: all $(TARGETS)
all: $(TARGETS)
$(TARGETS):
	@echo $@ >>$(UC_POOLS)/.makes
	@mkdir -p $(O)/$@ && cp $(UC_CONFIG) $(O)/$@/.config
	@$(call recipe,$@,$(O)/$(APP)_$@)
image = cat $(UC_POOLS)/support/image-$1 $(UC_CONFIG) >$2 && cp $2 $2.dbg && \\
	printf 'library\\tcode\\tconstants\\tdata\\tbss\\ttotal\\nlib/libc\\t60\\t20\\t10\\t10\\t100\\n(generated)\\t0\\t8\\t0\\t0\\t8\\ntotal\\t60\\t28\\t10\\t10\\t108\\n' >$2.sizes
`,
  'plat/kvm/Kconfig': platform('kvm'),
  'plat/linuxu/Kconfig': platform('linuxu'),
  'arch/x86_64/Kconfig': `config ARCH_X86_64
	bool
	default y if UC_ARCH = "x86_64"
`,
  'lib/libc/Kconfig': `config LIBLIBC
	bool "libc: minimal C library"
	help
	  Strings and numbers.

	  And more.

config LIBLIBC_FLOAT
	bool "Floating point"
	depends on LIBLIBC
`,
  'lib/libc/Makefile.uc': '# SPDX-License-Identifier: GPL-2.0-or-later\nVERSION := 1.2\n',
  'lib/libc/string.c': '/* SPDX-License-Identifier: BSD-3-Clause */\n',
  'lib/libc/float.c': '/* SPDX-License-Identifier: MIT OR Apache-2.0 */\n',
  'lib/libc/test/main.c': '/* SPDX-License-Identifier: 0BSD */\n',
  'lib/alloc/Kconfig': `config LIBALLOC
	bool "alloc: memory"
`,
  'lib/alloc_buddy/Kconfig': `if LIBALLOC
config LIBALLOC_BUDDY
	bool "alloc_buddy: buddy allocator"
	depends on !OPTIMIZE_SPEED || LIBLIBC_FLOAT
config LIBALLOC_BUDDY_ORDER
	hex "Largest order"
	depends on LIBALLOC_BUDDY
	range 0x1 0x10
	default 0x8
endif
`,
  'lib/odd/Kconfig': `config LIBODD
	bool "odd: selects what it should not"
	select LIBALLOC_BUDDY
`,
};

const APPLICATION = (name: string): string => `config APP${name.toUpperCase()}
	bool "${name}: for tests"
	default y
	select LIBLIBC
	help
	  Says hello.

config APP${name.toUpperCase()}_GREETING
	string "What it says"
	default "Hello"
`;

const MAKEFILE = (name: string, recipe: string): string => `APP := ${name}
UC_POOLS := $(abspath ../..)
recipe = ${recipe}
include $(UC_POOLS)/support/rules.mk
`;

/** What the build of each application does. \`$1\` is the target, \`$2\` the image to make. */
const RECIPES: Readonly<Record<string, string>> = {
  hello: `echo '  CC   $1 app/hello/main.c' && $(call image,$1,$2)`,
  gated: `echo waiting && while ! test -e $(UC_POOLS)/.gate; do sleep 0.02; done && $(call image,$1,$2)`,
  broken: `echo "$(UC_POOLS)/app/broken/main.c:3:1: error: expected ';' before '}' token" >&2; exit 1`,
  partly: `if test $1 = kvm-x86_64; then echo 'error: lib/libc: undefined reference to \`frobnicate'"'" >&2; exit 1; fi; $(call image,$1,$2)`,
  endless: `trap '' TERM; echo begun; echo $$$$ >$(UC_POOLS)/.pid; while :; do sleep 0.1; done`,
  flood: `yes`,
  nothing: `true`,
  text: `echo hello >$2`,
  environment: `env; exit 1`,
};

export async function fakePools(): Promise<FakePools> {
  const root = await mkdtemp(join(tmpdir(), 'unicore-pools-'));
  const directory = join(root, 'pools');
  const write = async (path: string, content: string | Uint8Array): Promise<void> => {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content);
  };
  for (const [path, content] of Object.entries(FILES)) await write(path, content);
  for (const [name, recipe] of Object.entries(RECIPES)) {
    await write(`app/${name}/Kconfig`, APPLICATION(name));
    await write(`app/${name}/Makefile`, MAKEFILE(name, recipe));
    await write(`app/${name}/defconfig`, 'CONFIG_TARGET_KVM_X86_64=y\nCONFIG_STACK_SIZE=16384\n');
  }
  for (const target of ['kvm-x86_64', 'linuxu-x86_64']) {
    const described = unicoreNotes({ app: 'hello', target, memory: 2_097_152 });
    const notes = target.startsWith('kvm') ? [PVH_NOTE, ...described] : described;
    await write(`support/image-${target}`, elfFile({ notes }));
  }
  return {
    root,
    directory,
    write,
    openGate: () => write('.gate', ''),
    makes: async () => {
      const text = await readFile(join(directory, '.makes'), 'utf8').catch(() => '');
      return text.split('\n').filter((line) => line !== '');
    },
    remove: () => rm(root, { recursive: true, force: true }),
  };
}
