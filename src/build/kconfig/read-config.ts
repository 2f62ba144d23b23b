// SPDX-License-Identifier: BSD-3-Clause
import type { KconfigSymbol, Tristate } from './model.js';
import { UnicoreError } from '../../errors/index.js';
import type { KconfigWarning } from './kconfig-error.js';
import { LIMITS } from './limits.js';
import { isValidText } from './number.js';
import type { KconfigTree } from './tree.js';
import { UserValues } from './user-values.js';

/** What a `.config` sets. */
export interface ConfigContents {
  readonly user: UserValues;
  /** In the words of `kconfig-conf`. */
  readonly warnings: readonly KconfigWarning[];
  /** Names that the tree does not define, each once; `kconfig-conf` passes over them in silence. */
  readonly unknown: readonly string[];
}

export interface ReadConfigOptions {
  /** What the file is called in warnings; `.config` unless it is given. */
  readonly file?: string;
  /** What stands before each name; `CONFIG_` unless it is given. */
  readonly prefix?: string;
}

/**
 * Reads a `.config` or a minimal configuration. Of two lines for one symbol the later one counts.
 * @throws CONFIGURATION_FAILED if the text is too large
 */
export function readConfig(
  tree: KconfigTree,
  text: string,
  options: ReadConfigOptions = {},
): ConfigContents {
  const file = options.file ?? '.config';
  if (text.length > LIMITS.fileBytes) {
    throw new UnicoreError(
      'CONFIGURATION_FAILED',
      `${file} is larger than ${LIMITS.fileBytes} bytes`,
    );
  }
  return new ConfigReader(tree, file, options.prefix ?? 'CONFIG_').read(text);
}

class ConfigReader {
  private readonly user: UserValues;
  private readonly warnings: KconfigWarning[] = [];
  private readonly unknown = new Set<string>();
  private readonly modes = new Map<KconfigSymbol, Tristate>();
  /** Choices with a member that is y and, further down, one that is m: their own mode is not taken from the file. */
  private readonly inconsistent = new Set<KconfigSymbol>();
  private line = 0;

  constructor(
    private readonly tree: KconfigTree,
    private readonly file: string,
    private readonly prefix: string,
  ) {
    this.user = new UserValues(tree);
  }

  read(text: string): ConfigContents {
    // A file that was read says of each choice that its mode is what its members say, and n if they say nothing.
    for (const symbol of this.tree.symbols) {
      if (symbol.kind === 'choice') this.user.setTristate(symbol, 0);
    }
    const lines = text.split('\n');
    const last = lines.at(-1) === '' ? lines.length - 1 : lines.length;
    for (let index = 0; index < last; index++) {
      this.line = index + 1;
      this.readLine(lines[index] ?? '');
    }
    return { user: this.user, warnings: this.warnings, unknown: [...this.unknown] };
  }

  private readLine(line: string): void {
    const { prefix } = this;
    if (line.startsWith('#')) {
      if (!line.startsWith(prefix, 2)) return;
      const space = line.indexOf(' ', 2 + prefix.length);
      if (space < 0 || !line.startsWith('is not set', space + 1)) return;
      const symbol = this.find(line.slice(2 + prefix.length, space));
      if (symbol !== null) this.unset(symbol);
    } else if (line.startsWith(prefix)) {
      const equals = line.indexOf('=', prefix.length);
      if (equals < 0) return;
      const symbol = this.find(line.slice(prefix.length, equals));
      const value = line.slice(equals + 1);
      if (symbol !== null) this.set(symbol, value.endsWith('\r') ? value.slice(0, -1) : value);
    } else if (line !== '' && !line.startsWith('\r')) {
      this.warn(`unexpected data: ${line.replace(/\r.*$/, '')}`);
    }
  }

  private find(name: string): KconfigSymbol | null {
    const symbol = this.tree.find(name);
    if (symbol?.isDefined !== true && this.unknown.size < LIMITS.warnings) this.unknown.add(name);
    return symbol ?? null;
  }

  private warn(message: string): void {
    if (this.warnings.length < LIMITS.warnings) {
      this.warnings.push({ position: { file: this.file, line: this.line }, message });
    }
  }

  private noteOverride(symbol: KconfigSymbol): void {
    if (this.user.has(symbol)) this.warn(`override: reassigning to symbol ${symbol.name}`);
  }

  private unset(symbol: KconfigSymbol): void {
    this.noteOverride(symbol);
    if (symbol.type !== 'bool' && symbol.type !== 'tristate') return;
    this.user.setTristate(symbol, 0);
  }

  private set(symbol: KconfigSymbol, written: string): void {
    this.noteOverride(symbol);
    switch (symbol.type) {
      case 'bool':
      case 'tristate': {
        const value = tristateOf(symbol, written);
        if (value === null) {
          this.warn(`symbol value '${written}' invalid for ${symbol.name}`);
          return;
        }
        this.user.setTristate(symbol, value);
        this.tellChoice(symbol, value);
        return;
      }
      case 'string': {
        if (!written.startsWith('"')) return;
        const value = unquote(written);
        if (value === null) this.warn('invalid string found');
        else this.user.setText(symbol, value);
        return;
      }
      case 'int':
      case 'hex':
        if (isValidText(symbol.type, written)) this.user.setText(symbol, written);
        else this.warn(`symbol value '${written}' invalid for ${symbol.name}`);
        return;
      case 'unknown':
        return;
    }
  }

  /** The choice's mode follows its members: y if one is y, m if one is m. */
  private tellChoice(member: KconfigSymbol, value: Tristate): void {
    const { choice } = member;
    if (choice === null || value === 0) return;
    const mode = this.modes.get(choice) ?? 0;
    if (value === 2) {
      if (mode !== 0) this.warn(`override: ${member.name} changes choice state`);
      this.user.chosen[choice.index] = member;
    } else if (mode === 2) {
      this.warn(`${member.name} creates inconsistent choice state`);
      this.inconsistent.add(choice);
      this.user.clear(choice);
    }
    if (value > mode) this.modes.set(choice, value);
    if (value > mode && !this.inconsistent.has(choice)) this.user.setTristate(choice, value);
  }
}

/** The first letter decides, as in `kconfig-conf`. */
function tristateOf(symbol: KconfigSymbol, written: string): Tristate | null {
  switch (written.charAt(0)) {
    case 'y':
      return 2;
    case 'n':
      return 0;
    case 'm':
      return symbol.type === 'tristate' ? 1 : null;
    default:
      return null;
  }
}

/** The text between the quotes; null if the second one is missing. */
function unquote(written: string): string | null {
  let text = '';
  for (let index = 1; index < written.length; index++) {
    const character = written.charAt(index);
    if (character === '"') return text;
    if (character === '\\') text += written.charAt(++index);
    else text += character;
  }
  return null;
}
