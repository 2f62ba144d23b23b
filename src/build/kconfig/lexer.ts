// SPDX-License-Identifier: BSD-3-Clause
import { KconfigError, type Position } from './kconfig-error.js';
import { LIMITS } from './limits.js';
import type { MacroLanguage } from './macro.js';

/** `string` was quoted, and is a constant wherever it stands; `word` was not. */
export interface Token {
  readonly kind: 'word' | 'string' | 'operator';
  readonly text: string;
}

/** One statement: its tokens, without comments. */
export interface StatementLine {
  readonly position: Position;
  readonly tokens: readonly Token[];
}

const WORD = /[A-Za-z0-9_\-./]/;
const OPERATORS = ['&&', '||', '!=', '<=', '>=', '=', '<', '>', '!', '(', ')'] as const;
const ASSIGNMENT = /^[ \t]*([A-Za-z0-9_-]+)[ \t]*(:=|\+=|=)[ \t]*(.*)$/;
const CALL = /^[ \t]*\$\(/;

/** Reads one file as statements, and its help texts as blocks. */
export class Lexer {
  private readonly lines: readonly string[];
  private next = 0;

  constructor(
    private readonly file: string,
    text: string,
    private readonly macros: MacroLanguage,
    private readonly warn: (position: Position, message: string) => void,
  ) {
    this.lines = text.split('\n');
  }

  /** Where the end of the file is, for errors about what is missing there. */
  get end(): Position {
    return { file: this.file, line: Math.max(1, this.lines.length - 1) };
  }

  /** The next statement that is not empty, or null at the end of the file. Assignments and bare macro calls are done on the way. */
  statement(): StatementLine | null {
    while (this.next < this.lines.length) {
      const position = { file: this.file, line: this.next + 1 };
      const line = this.logicalLine(position);
      const assignment = ASSIGNMENT.exec(line);
      if (assignment !== null) {
        const [, name = '', operator = '', value = ''] = assignment;
        this.macros.assign(name, operator, value, position);
        continue;
      }
      const tokens = this.tokens(line, position);
      if (tokens.length > 0) {
        if (CALL.test(line)) {
          throw new KconfigError(position, 'a macro cannot stand for a keyword');
        }
        return { position, tokens };
      }
    }
    return null;
  }

  /**
   * The help text that begins on the next line, which belongs to it even if it is not indented. It ends before the first
   * line that is indented less than its first, or not at all; a tab advances to the next multiple of 8.
   */
  help(): string {
    const found: string[] = [];
    let indentation = 0;
    let first = true;
    while (this.next < this.lines.length) {
      const line = this.lines[this.next] ?? '';
      const body = line.trimStart();
      if (body !== '') {
        const width = columns(line.slice(0, line.length - body.length));
        if (first) indentation = width;
        else if (width < indentation) break;
        first = false;
        found.push(' '.repeat(width - indentation) + body.trimEnd());
      } else {
        found.push('');
      }
      this.next++;
      if (/^[^ \t]/.test(this.lines[this.next] ?? '')) break;
    }
    return found.join('\n').replace(/^\n+|\n+$/g, '');
  }

  /** The physical lines that a trailing backslash joins. */
  private logicalLine(position: Position): string {
    let line = this.lines[this.next++] ?? '';
    while (line.endsWith('\\') && this.next < this.lines.length) {
      line = line.slice(0, -1) + (this.lines[this.next++] ?? '');
      if (line.length > LIMITS.lineLength) break;
    }
    if (line.length > LIMITS.lineLength) {
      throw new KconfigError(position, `the line is longer than ${LIMITS.lineLength} characters`);
    }
    return line;
  }

  private tokens(line: string, position: Position): Token[] {
    const found: Token[] = [];
    let index = 0;
    while (index < line.length) {
      const character = line.charAt(index);
      if (character === ' ' || character === '\t') {
        index++;
      } else if (character === '#') {
        break;
      } else if (character === '"' || character === "'") {
        const { text, end } = this.quoted(line, index, position);
        found.push({ kind: 'string', text });
        index = end;
      } else if (WORD.test(character) || line.startsWith('$(', index)) {
        const { text, end } = this.word(line, index, position);
        // A macro that expands to nothing is nothing.
        if (text !== '') found.push({ kind: 'word', text });
        index = end;
      } else {
        const operator = OPERATORS.find((candidate) => line.startsWith(candidate, index));
        if (operator === undefined) {
          if (character !== '\r') {
            this.warn(position, `ignoring unsupported character '${character}'`);
          }
          index++;
        } else {
          found.push({ kind: 'operator', text: operator });
          index += operator.length;
        }
      }
    }
    return found;
  }

  private word(line: string, start: number, position: Position): { text: string; end: number } {
    let text = '';
    let index = start;
    while (index < line.length) {
      if (line.startsWith('$(', index)) {
        const { value, end } = this.macros.expandCall(line, index, position);
        text += value;
        index = end;
      } else if (WORD.test(line.charAt(index))) {
        text += line.charAt(index++);
      } else {
        break;
      }
    }
    return { text, end: index };
  }

  private quoted(line: string, start: number, position: Position): { text: string; end: number } {
    const quote = line.charAt(start);
    let text = '';
    let index = start + 1;
    while (index < line.length) {
      const character = line.charAt(index);
      if (character === quote) return { text, end: index + 1 };
      if (character === '\\' && index + 1 < line.length) {
        text += line.charAt(index + 1);
        index += 2;
      } else if (line.startsWith('$(', index)) {
        const { value, end } = this.macros.expandCall(line, index, position);
        text += value;
        index = end;
      } else {
        text += character;
        index++;
      }
    }
    this.warn(position, 'multi-line strings not supported');
    return { text, end: index };
  }
}

function columns(space: string): number {
  let width = 0;
  for (const character of space) width = character === '\t' ? (width & ~7) + 8 : width + 1;
  return width;
}
