// SPDX-License-Identifier: BSD-3-Clause
import type { KconfigSymbol, MenuNode, SymbolType } from './model.js';
import { symbolExpression } from './expression.js';
import type { StatementReader } from './expression-parser.js';
import { KconfigError } from './kconfig-error.js';
import type { Lexer } from './lexer.js';
import type { TreeBuilder } from './tree-builder.js';

const TYPES: Readonly<Record<string, SymbolType>> = {
  bool: 'bool',
  boolean: 'bool',
  tristate: 'tristate',
  int: 'int',
  hex: 'hex',
  string: 'string',
};
const TYPES_WITH_DEFAULT: Readonly<Record<string, SymbolType>> = {
  def_bool: 'bool',
  def_tristate: 'tristate',
};

/** Reads the statement as a property of `node`. @returns whether it is one that such an entry can have */
export function readProperty(
  builder: TreeBuilder,
  lexer: Lexer,
  node: MenuNode,
  reader: StatementReader,
): boolean {
  if (reader.keyword === 'depends') {
    if (!reader.accept('on')) reader.fail('"on"');
    builder.addDependency(node, reader.expression());
    reader.finish();
    return true;
  }
  if (node.kind === 'menu') {
    if (reader.keyword !== 'visible') return false;
    if (!reader.accept('if')) reader.fail('"if"');
    builder.addVisibility(node, reader.expression());
    reader.finish();
    return true;
  }
  if (node.symbol === null) return false;
  return (
    readCommonProperty(builder, lexer, node, node.symbol, reader) ||
    (node.kind === 'choice'
      ? readChoiceProperty(builder, node, node.symbol, reader)
      : readConfigProperty(builder, node, node.symbol, reader))
  );
}

/** Type, prompt and help, which configs and choices share. */
function readCommonProperty(
  builder: TreeBuilder,
  lexer: Lexer,
  node: MenuNode,
  symbol: KconfigSymbol,
  reader: StatementReader,
): boolean {
  const { keyword, position } = reader;
  if (Object.hasOwn(TYPES, keyword)) {
    const type = TYPES[keyword] ?? 'unknown';
    if (node.kind === 'choice' && type !== 'bool' && type !== 'tristate') return false;
    builder.setType(symbol, type, position);
    if (!reader.atEnd) {
      const text = reader.text('a prompt');
      builder.addPrompt(node, text, reader.conditionToEnd(), position);
    }
    return true;
  }
  if (keyword === 'prompt') {
    const text = reader.text('a prompt');
    builder.addPrompt(node, text, reader.conditionToEnd(), position);
    return true;
  }
  if (keyword === 'help' || keyword === '---help---') {
    reader.finish();
    node.help = lexer.help();
    return true;
  }
  return false;
}

function readChoiceProperty(
  builder: TreeBuilder,
  node: MenuNode,
  symbol: KconfigSymbol,
  reader: StatementReader,
): boolean {
  if (reader.keyword === 'optional') {
    reader.finish();
    symbol.optional = true;
    return true;
  }
  if (reader.keyword !== 'default') return false;
  const member = builder.configSymbol(reader.word('a member of the choice'));
  builder.addDefault(node, symbolExpression(member), reader.conditionToEnd(), reader.position);
  return true;
}

function readConfigProperty(
  builder: TreeBuilder,
  node: MenuNode,
  symbol: KconfigSymbol,
  reader: StatementReader,
): boolean {
  const { keyword, position } = reader;
  switch (keyword) {
    case 'default':
    case 'def_bool':
    case 'def_tristate': {
      const type = TYPES_WITH_DEFAULT[keyword];
      const value = reader.expression();
      builder.addDefault(node, value, reader.conditionToEnd(), position);
      if (type !== undefined) builder.setType(symbol, type, position);
      return true;
    }
    case 'select':
    case 'imply': {
      const target = builder.configSymbol(reader.word('a symbol'));
      builder.addSelection(keyword, node, target, reader.conditionToEnd(), position);
      return true;
    }
    case 'range': {
      const low = reader.symbol();
      const high = reader.symbol();
      builder.addRange(node, low, high, reader.conditionToEnd(), position);
      return true;
    }
    case 'option':
      readOption(builder, node, symbol, reader);
      return true;
    case 'modules':
      // Since Linux 5.17 `modules` stands alone, without `option`.
      reader.finish();
      declareModules(builder, symbol, reader);
      return true;
    default:
      return false;
  }
}

function readOption(
  builder: TreeBuilder,
  node: MenuNode,
  symbol: KconfigSymbol,
  reader: StatementReader,
): void {
  const { position } = reader;
  const option = reader.word('an option');
  const argument = reader.acceptOperator('=') ? reader.text('a value') : null;
  reader.finish();
  switch (option) {
    case 'env': {
      if (argument === null) {
        throw new KconfigError(position, 'option env needs the name of an environment variable');
      }
      symbol.fromEnvironment = true;
      const value = Object.hasOwn(builder.environment, argument)
        ? builder.environment[argument]
        : undefined;
      if (value === undefined) {
        builder.warn(position, `environment variable ${argument} undefined`);
      } else {
        const constant = builder.symbolOf({ kind: 'string', text: value });
        builder.addDefault(node, symbolExpression(constant), null, position);
      }
      return;
    }
    case 'modules':
      declareModules(builder, symbol, reader);
      return;
    case 'defconfig_list':
      if (builder.defconfigList === null) builder.defconfigList = symbol;
      else if (builder.defconfigList !== symbol) {
        builder.warn(position, 'trying to redefine defconfig symbol');
      }
      return;
    case 'allnoconfig_y':
      symbol.allnoconfigY = true;
      return;
    default:
      throw new KconfigError(position, `unknown option "${option}"`);
  }
}

function declareModules(
  builder: TreeBuilder,
  symbol: KconfigSymbol,
  reader: StatementReader,
): void {
  if (builder.modules !== null && builder.modules !== symbol) {
    throw new KconfigError(
      reader.position,
      `symbol '${symbol.name}' redefines option 'modules' already defined by symbol '${builder.modules.name}'`,
    );
  }
  builder.modules = symbol;
}
