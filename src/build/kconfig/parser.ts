// SPDX-License-Identifier: BSD-3-Clause
import type { MenuNode } from './model.js';
import path from 'node:path';
import { isUnicoreError } from '../../errors/index.js';
import { StatementReader } from './expression-parser.js';
import { expandGlob, isPattern } from './glob.js';
import { KconfigError, formatPosition, type Position } from './kconfig-error.js';
import { Lexer } from './lexer.js';
import { LIMITS } from './limits.js';
import type { MacroLanguage } from './macro.js';
import { readProperty } from './property-parser.js';
import type { KconfigFiles } from './source-files.js';
import { expandSymbols } from './symbol-expansion.js';
import type { TreeBuilder } from './tree-builder.js';

const BLOCKS: Readonly<Record<string, string>> = {
  menu: 'endmenu',
  choice: 'endchoice',
  if: 'endif',
};
const SOURCES: ReadonlySet<string> = new Set(['source', 'rsource', 'osource', 'orsource']);

interface OpenBlock {
  readonly keyword: string;
  readonly position: Position;
  readonly node: MenuNode;
}

interface OpenFile {
  readonly name: string;
  readonly identity: string;
  /** Where the file was sourced, or null for the first. */
  readonly from: Position | null;
}

/**
 * Reads the entries of a tree, file by file. Syntax: the kernel's Documentation/kbuild/kconfig-language.rst; `rsource` (relative
 * to the file), `osource` (optional) and `orsource` and patterns in paths are extensions, as Kconfiglib and Zephyr have them.
 */
export class Parser {
  private readonly open: OpenFile[] = [];
  private totalBytes = 0;
  private fileCount = 0;
  private statements = 0;
  /** Identities of the files that were read, in order. */
  readonly filesRead = new Set<string>();

  constructor(
    private readonly files: KconfigFiles,
    private readonly builder: TreeBuilder,
    private readonly macros: MacroLanguage,
  ) {}

  /** @throws KconfigError */
  parse(entry: string): void {
    this.readFile(entry, null, this.builder.root, false, 0);
  }

  private readFile(
    name: string,
    from: Position | null,
    parent: MenuNode,
    optional: boolean,
    depth: number,
  ): void {
    const place = from ?? { file: name, line: 1 };
    const file = this.access(place, () => this.files.read(name));
    if (file === null) {
      if (optional) return;
      throw new KconfigError(place, `can't open file "${name}"`);
    }
    const outer = this.open.findIndex((candidate) => candidate.identity === file.identity);
    if (outer >= 0) {
      const chain = [...this.open.slice(outer), { name, from }]
        .map((step) =>
          step.from === null ? step.name : `${step.name} (from ${formatPosition(step.from)})`,
        )
        .join(' -> ');
      throw new KconfigError(place, `the file sources itself: ${chain}`);
    }
    this.totalBytes += file.text.length;
    if (this.open.length >= LIMITS.sourceDepth) {
      throw new KconfigError(place, `more than ${LIMITS.sourceDepth} files source each other`);
    }
    if (++this.fileCount > LIMITS.files || this.totalBytes > LIMITS.totalBytes) {
      throw new KconfigError(place, 'the tree has too many files, or too much text');
    }
    if (file.text.length > LIMITS.fileBytes) {
      throw new KconfigError(place, `"${name}" is larger than ${LIMITS.fileBytes} bytes`);
    }
    this.filesRead.add(file.identity);
    this.open.push({ name, identity: file.identity, from });
    const lexer = new Lexer(name, file.text, this.macros, (position, message) => {
      this.builder.warn(position, message);
    });
    this.readStatements(lexer, name, parent, depth);
    this.open.pop();
  }

  private readStatements(lexer: Lexer, file: string, top: MenuNode, outerDepth: number): void {
    const blocks: OpenBlock[] = [];
    /** The entry that properties are added to, or null behind the end of a block. */
    let entry: MenuNode | null = null;
    for (let line = lexer.statement(); line !== null; line = lexer.statement()) {
      const reader = new StatementReader(line, (token) => this.builder.symbolOf(token));
      const { keyword, position } = reader;
      const inner = blocks.at(-1);
      const parent = inner?.node ?? top;
      this.statements++;
      if (entry !== null && readProperty(this.builder, lexer, entry, reader)) continue;
      entry = null;
      if (Object.hasOwn(BLOCKS, keyword)) {
        if (blocks.length + outerDepth >= LIMITS.blockDepth) {
          throw new KconfigError(position, 'menus, choices and ifs are nested too deeply');
        }
        const node = this.openBlock(reader, parent);
        blocks.push({ keyword, position, node });
        entry = keyword === 'if' ? null : node;
      } else if (Object.values(BLOCKS).includes(keyword)) {
        reader.finish();
        if (inner === undefined) {
          throw new KconfigError(
            position,
            `unexpected '${keyword}': no block is open in this file`,
          );
        }
        if (keyword !== BLOCKS[inner.keyword]) {
          throw new KconfigError(
            position,
            `unexpected '${keyword}' within ${inner.keyword} block, which began at ${formatPosition(inner.position)}`,
          );
        }
        blocks.pop();
      } else if (SOURCES.has(keyword)) {
        this.source(reader, file, parent, blocks.length + outerDepth);
      } else {
        entry = this.simpleEntry(reader, parent);
      }
    }
    const left = blocks.at(-1);
    if (left !== undefined) {
      throw new KconfigError(
        left.position,
        `missing end statement for this entry: '${BLOCKS[left.keyword] ?? ''}' is not in this file`,
      );
    }
  }

  private openBlock(reader: StatementReader, parent: MenuNode): MenuNode {
    const { builder } = this;
    const { position, keyword } = reader;
    if (keyword === 'choice') {
      const symbol = builder.choiceSymbol(reader.atEnd ? '' : reader.word("the choice's name"));
      reader.finish();
      symbol.fromEnvironment = true;
      return builder.addNode('choice', parent, symbol, position);
    }
    const node = builder.addNode(keyword === 'menu' ? 'menu' : 'if', parent, null, position);
    if (keyword === 'menu') {
      builder.addPrompt(node, reader.text('a title'), null, position);
    } else {
      builder.addDependency(node, reader.expression());
    }
    reader.finish();
    return node;
  }

  /** A statement that is neither a property nor the begin or end of a block. @returns the entry that it opens, if it does */
  private simpleEntry(reader: StatementReader, parent: MenuNode): MenuNode | null {
    const { builder } = this;
    const { position, keyword } = reader;
    switch (keyword) {
      case 'config':
      case 'menuconfig': {
        const symbol = builder.configSymbol(reader.word('a name'));
        reader.finish();
        if (['n', 'm', 'y'].includes(symbol.name)) {
          throw new KconfigError(position, `"${symbol.name}" is a constant and cannot be defined`);
        }
        return builder.addNode(keyword, parent, symbol, position);
      }
      case 'comment': {
        const node = builder.addNode('comment', parent, null, position);
        builder.addPrompt(node, reader.text('a text'), null, position);
        reader.finish();
        return node;
      }
      case 'mainmenu': {
        const text = reader.text('a title');
        reader.finish();
        if (this.statements > 1) {
          throw new KconfigError(position, "'mainmenu' must be the first statement");
        }
        builder.title = text;
        return null;
      }
      default:
        throw new KconfigError(
          position,
          keyword === ''
            ? 'invalid statement'
            : `unknown statement "${keyword}", or not possible here`,
        );
    }
  }

  private source(reader: StatementReader, file: string, parent: MenuNode, depth: number): void {
    const { keyword, position } = reader;
    const optional = keyword.startsWith('o');
    let name = expandSymbols(this.builder, reader.text('a path'), position);
    reader.finish();
    if (keyword.endsWith('rsource') && !path.isAbsolute(name)) {
      name = path.join(path.dirname(file), name);
    }
    if (!isPattern(name)) {
      this.readFile(name, position, parent, optional, depth);
      return;
    }
    const matches = this.access(position, () => expandGlob(this.files, name));
    if (matches.length > LIMITS.globMatches) {
      throw new KconfigError(position, `"${name}" matches more than ${LIMITS.globMatches} names`);
    }
    if (matches.length === 0 && !optional) {
      throw new KconfigError(position, `no file matches "${name}"`);
    }
    for (const match of matches) this.readFile(match, position, parent, false, depth);
  }

  /** Runs what reaches for files, and says in an error where it was asked for. */
  private access<Result>(position: Position, action: () => Result): Result {
    try {
      return action();
    } catch (error) {
      if (!isUnicoreError(error) || error instanceof KconfigError) throw error;
      throw new KconfigError(position, error.message);
    }
  }
}
