// SPDX-License-Identifier: BSD-3-Clause
import { KconfigError, type Position } from './kconfig-error.js';
import { LIMITS } from './limits.js';

interface Variable {
  /** `recursive` (defined by `=`) is expanded where it is used, `simple` (by `:=`) was expanded where it was defined. */
  readonly flavour: 'recursive' | 'simple';
  readonly text: string;
}

export interface MacroOutput {
  info(message: string): void;
  warn(position: Position, message: string): void;
}

/**
 * The macro language of the kernel's Documentation/kbuild/kconfig-macro-language.rst: variables, user-defined functions with
 * `$(1)` and so on, environment variables, and the built-in functions. `$(shell,…)` is refused: a configuration must not run
 * programs. An environment variable that is not set expands to nothing.
 */
export class MacroLanguage {
  private readonly variables = new Map<string, Variable>();
  private expandedBytes = 0;

  constructor(
    private readonly environment: Readonly<Record<string, string>>,
    private readonly output: MacroOutput,
  ) {}

  /** `name = text`, `name := text` or `name += text`. */
  assign(name: string, operator: string, text: string, position: Position): void {
    const known = this.variables.get(name);
    if (operator === '+=' && known !== undefined) {
      const added = known.flavour === 'simple' ? this.expand(text, position) : text;
      const joined = `${known.text} ${added}`;
      if (joined.length > LIMITS.lineLength) {
        throw new KconfigError(position, `the variable "${name}" has grown too long`);
      }
      this.variables.set(name, { flavour: known.flavour, text: joined });
    } else if (operator === ':=') {
      this.variables.set(name, { flavour: 'simple', text: this.expand(text, position) });
    } else {
      this.variables.set(name, { flavour: 'recursive', text });
    }
  }

  /** The text with each `$(…)` in it replaced. */
  expand(text: string, position: Position): string {
    return this.expandText(text, position, [], []);
  }

  /**
   * The call that begins at `start`, where `text` has `$(`.
   * @returns what it expands to, and the index behind its closing parenthesis
   */
  expandCall(text: string, start: number, position: Position): { value: string; end: number } {
    const end = closingParenthesis(text, start + 1, position);
    return { value: this.evaluate(text.slice(start + 2, end), position, [], []), end: end + 1 };
  }

  private expandText(
    text: string,
    position: Position,
    parameters: readonly string[],
    active: readonly string[],
  ): string {
    let result = '';
    let from = 0;
    for (;;) {
      const start = text.indexOf('$(', from);
      if (start < 0) break;
      const end = closingParenthesis(text, start + 1, position);
      result += text.slice(from, start);
      result += this.evaluate(text.slice(start + 2, end), position, parameters, active);
      if (result.length > LIMITS.lineLength) {
        throw new KconfigError(position, 'a macro expands to too long a text');
      }
      from = end + 1;
    }
    return result + text.slice(from);
  }

  private evaluate(
    clause: string,
    position: Position,
    parameters: readonly string[],
    active: readonly string[],
  ): string {
    if (active.length >= LIMITS.macroDepth) {
      throw new KconfigError(position, 'macros are nested too deeply');
    }
    const [head = '', ...rest] = splitArguments(clause);
    const name = this.expandText(head, position, parameters, [...active, '']);
    const values = rest.map((part) => this.expandText(part, position, parameters, [...active, '']));
    const result = this.call(name, values, position, parameters, active);
    this.expandedBytes += result.length + 1;
    if (this.expandedBytes > LIMITS.macroBytes) {
      throw new KconfigError(position, 'the macros of this tree expand to too much text');
    }
    return result;
  }

  private call(
    name: string,
    values: readonly string[],
    position: Position,
    parameters: readonly string[],
    active: readonly string[],
  ): string {
    if (values.length === 0 && /^[0-9]+$/.test(name)) return parameters[Number(name) - 1] ?? '';
    const variable = this.variables.get(name);
    if (variable !== undefined) {
      if (variable.flavour === 'simple') return variable.text;
      if (active.includes(name)) {
        const chain = [...active.slice(active.indexOf(name)), name].filter((part) => part !== '');
        throw new KconfigError(position, `the macro refers to itself: ${chain.join(' -> ')}`);
      }
      return this.expandText(variable.text, position, values, [...active, name]);
    }
    const builtIn = this.callBuiltIn(name, values, position);
    if (builtIn !== null) return builtIn;
    return values.length === 0 && Object.hasOwn(this.environment, name)
      ? (this.environment[name] ?? '')
      : '';
  }

  private callBuiltIn(name: string, values: readonly string[], position: Position): string | null {
    const [first = '', second = ''] = values;
    switch (name) {
      case 'info':
        this.expectArguments(name, values, 1, position);
        this.output.info(first);
        return '';
      case 'warning-if':
        this.expectArguments(name, values, 2, position);
        if (first === 'y') this.output.warn(position, second);
        return '';
      case 'error-if':
        this.expectArguments(name, values, 2, position);
        if (first === 'y') throw new KconfigError(position, second);
        return '';
      case 'filename':
        this.expectArguments(name, values, 0, position);
        return position.file;
      case 'lineno':
        this.expectArguments(name, values, 0, position);
        return String(position.line);
      case 'shell':
        throw new KconfigError(
          position,
          '$(shell) is refused: a configuration must not run programs; pass the value in the environment instead',
        );
      default:
        return null;
    }
  }

  private expectArguments(
    name: string,
    values: readonly string[],
    count: number,
    position: Position,
  ): void {
    if (values.length !== count) {
      throw new KconfigError(
        position,
        `$(${name}) takes ${count} argument(s), and was given ${values.length}`,
      );
    }
  }
}

/** Index of the parenthesis that closes the one at `open`. */
function closingParenthesis(text: string, open: number, position: Position): number {
  let depth = 0;
  for (let index = open; index < text.length; index++) {
    const character = text[index];
    if (character === '(') depth++;
    if (character === ')' && --depth === 0) return index;
    if (depth > LIMITS.macroDepth) break;
  }
  throw new KconfigError(position, 'a macro reference "$(" is not closed, or nested too deeply');
}

/** Splits at the commas that stand outside of parentheses. */
function splitArguments(clause: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let index = 0; index < clause.length; index++) {
    const character = clause[index];
    if (character === '(') depth++;
    else if (character === ')') depth--;
    else if (character === ',' && depth === 0) {
      parts.push(clause.slice(from, index));
      from = index + 1;
    }
  }
  parts.push(clause.slice(from));
  return parts;
}
