// SPDX-License-Identifier: BSD-3-Clause
import { UnicoreError } from '../../errors/index.js';

export type SymbolType = 'bool' | 'tristate' | 'string' | 'int' | 'hex';

/** One `config` entry of a Kconfig file, as far as the catalogue and the explanations need it. Nothing is evaluated. */
export interface SymbolDeclaration {
  readonly symbol: string;
  /** Null if this entry gives no type; another entry of the same symbol may. */
  readonly type: SymbolType | null;
  readonly prompt: string | null;
  readonly help: string;
  /** Expressions that must all hold: its own `depends on` and those of the blocks around it. */
  readonly dependsOn: readonly string[];
  /** Symbols that it turns on, each with its condition or null. */
  readonly selects: readonly { readonly symbol: string; readonly condition: string | null }[];
  readonly range: { readonly low: string; readonly high: string } | null;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Entry = Mutable<SymbolDeclaration> & {
  dependsOn: string[];
  selects: { symbol: string; condition: string | null }[];
};

interface Block {
  readonly kind: 'if' | 'menu' | 'choice';
  readonly conditions: string[];
}

const TYPE = /^(?:def_)?(bool|boolean|tristate|string|int|hex)\b\s*(.*)$/;
const QUOTED = /^(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')/;

/** Bounds for files that are not ours: what is read grows with lines times the conditions around them. */
const MAX_LINE = 4_096;
const MAX_CONDITIONS = 256;

function tooLarge(what: string, limit: number): UnicoreError {
  return new UnicoreError(
    'CONFIGURATION_FAILED',
    `A Kconfig file has ${what} over the limit of ${limit}.`,
  );
}

/**
 * Lists the `config` entries of one Kconfig file. It does not follow `source`.
 * Source: Documentation/kbuild/kconfig-language.rst of the Linux kernel.
 */
export function parseDeclarations(text: string): readonly SymbolDeclaration[] {
  const parser = new DeclarationParser();
  for (const line of text.replaceAll('\\\n', ' ').split('\n')) parser.line(line);
  parser.end();
  return parser.entries;
}

class DeclarationParser {
  readonly entries: SymbolDeclaration[] = [];
  readonly #blocks: Block[] = [];
  #entry: Entry | null = null;
  /** The lines of the help text that is being read, and its indentation once the first line told it. */
  #help: { lines: string[]; indentation: number | null } | null = null;

  line(line: string): void {
    if (line.length > MAX_LINE) throw tooLarge('a line', MAX_LINE);
    if (this.#help !== null && this.#helpLine(line)) return;
    const statement = line.trim();
    if (statement === '' || statement.startsWith('#')) return;
    const space = statement.search(/\s/);
    const keyword = space < 0 ? statement : statement.slice(0, space);
    this.#statement(keyword, space < 0 ? '' : statement.slice(space).trim(), statement);
  }

  #statement(keyword: string, rest: string, statement: string): void {
    switch (keyword) {
      case 'config':
      case 'menuconfig':
        this.#begin(rest);
        break;
      case 'if':
        this.#open({ kind: 'if', conditions: [rest] });
        break;
      case 'menu':
      case 'choice':
        this.#open({ kind: keyword, conditions: [] });
        break;
      case 'endif':
      case 'endmenu':
      case 'endchoice':
        this.#entry = null;
        this.#blocks.pop();
        break;
      case 'source':
      case 'comment':
      case 'mainmenu':
        this.#entry = null;
        break;
      case 'depends':
        (this.#entry?.dependsOn ?? this.#blocks.at(-1)?.conditions)?.push(
          rest.replace(/^on\s+/, ''),
        );
        break;
      case 'help':
      case '---help---':
        this.#help = { lines: [], indentation: null };
        break;
      default:
        if (this.#entry !== null) option(this.#entry, keyword, rest, statement);
    }
  }

  #begin(symbol: string): void {
    const entry: Entry = {
      symbol,
      type: null,
      prompt: null,
      help: '',
      dependsOn: this.#conditions(),
      selects: [],
      range: null,
    };
    this.#entry = entry;
    this.entries.push(entry);
  }

  #conditions(): string[] {
    const conditions = this.#blocks.flatMap((block) => block.conditions);
    if (conditions.length > MAX_CONDITIONS) throw tooLarge('conditions', MAX_CONDITIONS);
    return conditions;
  }

  /** To be called after the last line. */
  end(): void {
    if (this.#help !== null && this.#entry !== null) {
      this.#entry.help = this.#help.lines.join('\n').trim();
    }
    this.#help = null;
  }

  #open(block: Block): void {
    this.#entry = null;
    if (this.#blocks.length > MAX_CONDITIONS) throw tooLarge('blocks', MAX_CONDITIONS);
    this.#blocks.push(block);
  }

  /** Whether the line belongs to the help text: it is blank, or indented at least as far as the text's first line. */
  #helpLine(line: string): boolean {
    const help = this.#help;
    if (help === null) return false;
    const expanded = line.replaceAll('\t', '        ').trimEnd();
    const indentation = expanded.search(/\S/);
    if (indentation >= 0) {
      help.indentation ??= indentation;
      if (indentation === 0 || indentation < help.indentation) {
        this.end();
        return false;
      }
    }
    help.lines.push(expanded.slice(help.indentation ?? 0));
    return true;
  }
}

function option(entry: Entry, keyword: string, rest: string, statement: string): void {
  const typed = TYPE.exec(statement);
  if (typed?.[1] !== undefined) {
    entry.type = typed[1] === 'boolean' ? 'bool' : (typed[1] as SymbolType);
    if (!keyword.startsWith('def_')) entry.prompt ??= promptOf(typed[2] ?? '');
  } else if (keyword === 'prompt') {
    entry.prompt ??= promptOf(rest);
  } else if (keyword === 'select') {
    const [symbol = '', condition] = rest.split(/\s+if\s+/, 2);
    entry.selects.push({ symbol, condition: condition ?? null });
  } else if (keyword === 'range') {
    const [low, high] = rest.split(/\s+/);
    if (low !== undefined && high !== undefined) entry.range = { low, high };
  }
}

function promptOf(text: string): string | null {
  const match = QUOTED.exec(text);
  return (match?.[1] ?? match?.[2])?.replaceAll(/\\(.)/g, '$1') ?? null;
}
