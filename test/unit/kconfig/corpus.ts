// SPDX-License-Identifier: BSD-3-Clause
import type { Mode } from './oracle.js';

/** A small tree for one construct of the language, and configurations to resolve in it. */
export interface CorpusEntry {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly configs: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** All modes, unless it is given. */
  readonly modes?: readonly Mode[];
}

const tree = (name: string, text: string, ...configs: string[]): CorpusEntry => ({
  name,
  files: { Kconfig: text },
  configs,
});

const MODULES = 'config MODULES\n\tbool "modules"\n\toption modules\n\tdefault y\n';

export const CORPUS: readonly CorpusEntry[] = [
  tree('an empty menu', 'mainmenu "Nothing"\nmenu "Empty"\nendmenu\n'),
  tree(
    'all types, with and without defaults',
    'config A\n\tbool "a"\nconfig B\n\tstring "b"\nconfig C\n\tint "c"\nconfig D\n\thex "d"\nconfig E\n\thex "e"\n\tdefault ab\nconfig F\n\tint\n\tdefault 7\nconfig G\n\tboolean "g"\n',
    'CONFIG_A=y\nCONFIG_B="x \\"y\\" \\\\ z"\nCONFIG_C=-3\nCONFIG_D=0xFF\n',
    'CONFIG_A=x\nCONFIG_B=unquoted\nCONFIG_C=007\nCONFIG_D=0xzz\n',
    'CONFIG_B="open\n# CONFIG_C is not set\nwrong line\nCONFIG_A=y\nCONFIG_A=n\n',
    'CONFIG_A=y\r\nCONFIG_C=5\r\n',
    '#CONFIG_A=y\n# CONFIG_A is not set at all\nCONFIG_B\nCONFIG_C=5 \n',
  ),
  tree(
    'tristate without modules',
    'config T\n\ttristate "t"\n\tdefault m\nconfig B\n\tbool "b"\n\tdefault T\n',
    'CONFIG_T=m\n',
    'CONFIG_T=y\n',
  ),
  tree(
    'tristate with modules',
    `${MODULES}config T\n\ttristate "t"\n\tdefault m\nconfig U\n\ttristate "u"\n\tdepends on T\nconfig V\n\ttristate "v"\n\tdepends on m\nconfig W\n\tdef_tristate !T\nconfig X\n\tbool "x"\n\tdepends on T\n`,
    'CONFIG_MODULES=y\nCONFIG_T=m\nCONFIG_U=y\nCONFIG_V=y\n',
    '# CONFIG_MODULES is not set\nCONFIG_T=m\nCONFIG_U=m\n',
  ),
  tree(
    'defaults: the first whose condition holds',
    'config A\n\tbool "a"\nconfig B\n\tint "b"\n\tdefault 1 if A\n\tdefault 2\n\tdefault 3\nconfig C\n\tstring\n\tdefault "x" if !A\nconfig D\n\tint\n\tdefault B\nconfig B\n\tdefault 4\n',
    'CONFIG_A=y\n',
    'CONFIG_B=9\n',
  ),
  tree(
    'def_bool and def_tristate',
    'config A\n\tdef_bool y\nconfig B\n\tdef_bool A && !C\n\tprompt "b"\nconfig C\n\tdef_tristate n if A\nconfig D\n\tdef_bool y if C\n',
    '# CONFIG_B is not set\n',
  ),
  tree(
    'depends on, several and by if',
    'config A\n\tbool "a"\nconfig B\n\tbool "b"\nif A\nconfig C\n\tbool "c"\n\tdepends on B\n\tdepends on !D || A\nif B\nconfig E\n\tint "e" if C\n\tdefault 3\nendif\nendif\nconfig D\n\tbool "d"\n',
    'CONFIG_A=y\nCONFIG_B=y\nCONFIG_C=y\nCONFIG_E=5\n',
    'CONFIG_A=y\nCONFIG_C=y\n',
  ),
  tree(
    'select, also against dependencies, and imply',
    'config S\n\tbool "s"\n\tselect T\n\tselect U if T\n\timply V\n\timply W\nconfig T\n\tbool "t"\nconfig X\n\tbool "x"\nconfig U\n\tbool\n\tdepends on X\nconfig V\n\tbool "v"\nconfig W\n\tbool "w"\n\tdepends on X\n',
    'CONFIG_S=y\n# CONFIG_T is not set\n',
    'CONFIG_S=y\n# CONFIG_V is not set\nCONFIG_X=y\n',
  ),
  tree(
    'select and imply of tristates',
    `${MODULES}config S\n\ttristate "s"\n\tselect T\n\timply V\nconfig T\n\ttristate "t"\nconfig V\n\ttristate "v"\n\tdepends on X\nconfig X\n\ttristate "x"\n`,
    'CONFIG_MODULES=y\nCONFIG_S=m\nCONFIG_X=m\n',
    'CONFIG_MODULES=y\nCONFIG_S=y\nCONFIG_X=m\nCONFIG_T=m\n',
  ),
  tree(
    'a condition that compares a tristate with n',
    `${MODULES}config S\n\ttristate "s"\nconfig B\n\tbool "b"\n\tdepends on S != n\n\tselect T\nconfig T\n\ttristate\n`,
    'CONFIG_MODULES=y\nCONFIG_S=m\nCONFIG_B=y\n',
  ),
  tree(
    'choices of bools',
    'choice\n\tprompt "One"\n\tdefault B\nconfig A\n\tbool "a"\nconfig B\n\tbool "b"\nconfig C\n\tbool "c"\nendchoice\nconfig D\n\tbool\n\tdefault y if A\n',
    'CONFIG_A=y\n',
    'CONFIG_A=y\nCONFIG_B=y\n',
    '# CONFIG_B is not set\n',
    'CONFIG_C=y\n# CONFIG_A is not set\n# CONFIG_B is not set\n',
  ),
  tree(
    'an optional choice, and one that depends',
    'config X\n\tbool "x"\nchoice\n\tbool "Maybe"\n\toptional\nconfig A\n\tbool "a"\nconfig B\n\tbool "b"\nendchoice\nchoice\n\tprompt "Depends" if X\n\tdefault D if A\nconfig C\n\tbool "c"\nconfig D\n\tbool "d"\n\tdepends on X\nendchoice\n',
    'CONFIG_B=y\n',
    'CONFIG_X=y\nCONFIG_A=y\n# CONFIG_B is not set\n',
  ),
  tree(
    'a choice of tristates',
    `${MODULES}choice\n\ttristate "Drivers"\nconfig A\n\ttristate "a"\nconfig B\n\ttristate "b"\nconfig C\n\tbool "c"\nendchoice\n`,
    'CONFIG_MODULES=y\nCONFIG_A=m\nCONFIG_B=m\n',
    'CONFIG_MODULES=y\nCONFIG_B=y\n',
  ),
  {
    name: 'a choice whose members contradict each other',
    files: {
      Kconfig: `${MODULES}choice\n\ttristate "Drivers"\nconfig A\n\ttristate "a"\nconfig B\n\ttristate "b"\nendchoice\n`,
    },
    configs: ['CONFIG_MODULES=y\nCONFIG_A=y\nCONFIG_B=m\n'],
    // With --defconfig kconfig-conf takes it otherwise: see README.md.
    modes: ['olddefconfig', 'savedefconfig', 'listnewconfig'],
  },
  tree(
    'a named choice in two places',
    'choice WHICH\n\tbool "First"\nconfig A\n\tbool "a"\nendchoice\nconfig X\n\tbool "x"\nchoice WHICH\nconfig B\n\tbool "b"\nendchoice\n',
    'CONFIG_B=y\n',
  ),
  tree(
    'a member that depends on another is a submenu',
    'choice\n\tprompt "One"\nconfig A\n\tbool "a"\nconfig A_MORE\n\tbool "more"\n\tdepends on A\nconfig B\n\tbool "b"\nendchoice\n',
    'CONFIG_A=y\nCONFIG_A_MORE=y\n',
    'CONFIG_B=y\nCONFIG_A_MORE=y\n',
  ),
  tree(
    'menus, visible if, comments',
    'config X\n\tbool "x"\nmenu "Hidden"\n\tvisible if X\nconfig A\n\tbool "a"\n\tdefault y\ncomment "Only with x"\nendmenu\nmenu "Depends"\n\tdepends on X\ncomment "A remark"\nconfig B\n\tbool "b"\nmenu "Inner"\nendmenu\nendmenu\ncomment "No x"\n\tdepends on !X\nmenuconfig M\n\tbool "m"\nif M\nconfig N\n\tbool "n"\nendif\n',
    'CONFIG_X=y\n# CONFIG_A is not set\nCONFIG_M=y\n',
    '# CONFIG_A is not set\n',
  ),
  tree(
    'ranges',
    'config L\n\tbool "l"\nconfig MAX\n\tint "max"\n\tdefault 50\nconfig A\n\tint "a"\n\trange 10 20 if L\n\trange 0 MAX\n\tdefault 99\nconfig H\n\thex "h"\n\trange 0x10 0xff\nconfig I\n\tint\n\trange 3 9\nconfig J\n\tint "j"\n\trange -5 5\n\tdefault -9\n',
    'CONFIG_A=60\n',
    'CONFIG_L=y\nCONFIG_A=15\nCONFIG_H=0x1ff\n',
    'CONFIG_MAX=80\nCONFIG_A=60\nCONFIG_H=0x20\nCONFIG_J=5\n',
  ),
  tree(
    'comparisons',
    'config N\n\tint "n"\n\tdefault 9\nconfig H\n\thex "h"\n\tdefault 0x10\nconfig S\n\tstring "s"\n\tdefault "10"\nconfig A\n\tdef_bool N < 10\nconfig B\n\tdef_bool N > 10\nconfig C\n\tdef_bool H = 16\nconfig D\n\tdef_bool H = 0x10\nconfig E\n\tdef_bool S < "9"\nconfig F\n\tdef_bool S > N\nconfig G\n\tdef_bool "a" <= "b" && !("b" < "a")\nconfig I\n\tdef_bool UNKNOWN = "UNKNOWN"\nconfig J\n\tdef_bool S >= 010\nconfig K\n\tdef_bool N != H\nconfig L\n\tdef_bool "-1" < N\n',
    'CONFIG_N=10\nCONFIG_S="abc"\n',
    'CONFIG_N=-1\nCONFIG_H=10\nCONFIG_S="9"\n',
  ),
  {
    name: 'source and environment',
    files: {
      Kconfig:
        'mainmenu "For $PLACE"\nconfig PLACE\n\tstring\n\toption env="PLACE"\nconfig GONE\n\tstring\n\toption env="NOT_SET"\nsource "$PLACE/Kconfig"\nif A\nsource sub/plain.kconfig\nendif\nconfig Z\n\tbool "z"\n\tdepends on PLACE = "sub"\n',
      'sub/Kconfig': 'config A\n\tbool "a"\n',
      'sub/plain.kconfig': 'config B\n\tbool "b"\n\tdefault y\n',
    },
    configs: ['CONFIG_A=y\nCONFIG_Z=y\n', 'CONFIG_PLACE="elsewhere"\n'],
    environment: { PLACE: 'sub' },
  },
  tree(
    'options modules, allnoconfig_y, defconfig_list',
    'config D\n\tstring\n\toption defconfig_list\n\tdefault "no/such/file"\nconfig EXPERT\n\tbool "expert"\n\toption allnoconfig_y\nconfig HIDDEN\n\tbool "hidden" if EXPERT\n\tdefault y\n',
    'CONFIG_EXPERT=y\n# CONFIG_HIDDEN is not set\n',
  ),
  tree(
    'several definitions of a symbol',
    'config X\n\tbool "x"\nconfig A\n\tbool "first"\n\tdepends on X\nmenu "More"\nconfig A\n\tbool "second"\n\tdefault y\nendmenu\nconfig A\n\tselect B\nconfig B\n\tbool\n',
    'CONFIG_X=y\n# CONFIG_A is not set\n',
  ),
  tree(
    'help texts, continuations, quotes, odd characters',
    'config A\n\tbool "a \\"quoted\\" one" # a comment\n\thelp\n\t  Text with config B in it.\n\n\t    More.\n\t  depends on X\nconfig B\n\tbool \'single "quotes"\'\n\tdepends on A || \\\n\t\tB2\n\t---help---\n\t  Old style.\n\n\nconfig C\n\tbool "c"\n\thelp\nconfig is text here, for it follows help at once\nconfig D\n\tbool\n\tprompt --- if ;A\n',
    'CONFIG_A=y\nCONFIG_B=y\n',
  ),
  tree(
    'submenus by dependency',
    'config A\n\tbool "a"\nconfig B\n\tbool "b"\n\tdepends on A\nconfig C\n\tbool "c"\n\tdepends on B\nconfig D\n\tbool "d"\n\tdepends on !A\nconfig E\n\tbool\n\tdefault y\nconfig F\n\tbool "f"\n\tdepends on E\n',
    'CONFIG_A=y\nCONFIG_B=y\nCONFIG_C=y\n',
    'CONFIG_D=y\n',
  ),
];
