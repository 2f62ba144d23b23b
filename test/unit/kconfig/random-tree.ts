// SPDX-License-Identifier: BSD-3-Clause

/** A repeatable stream of numbers (Mulberry32 by T. Ettinger, public domain algorithm). */
export class Random {
  constructor(private state: number) {}

  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }

  /** A whole number from 0 to `bound` - 1. */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
}

type Kind = 'bool' | 'tristate' | 'int' | 'hex' | 'string';

interface Planned {
  readonly name: string;
  readonly kind: Kind;
  /** Where it stands in the order in which values depend on each other. */
  readonly rank: number;
  referenced: boolean;
  ranged: boolean;
  readonly member?: boolean;
}

export interface RandomTree {
  readonly text: string;
  /** A `.config` that sets some of the symbols. */
  readonly randomConfig: (random: Random) => string;
}

// The empty one comes last: as a constant of an unmet dependency it makes kconfig-conf 4.11 abort.
const WORDS = ['alpha', 'beta', 'two words', 'q\\"uote', 'back\\\\slash', ''];

/**
 * Writes a tree that uses each construct of the language. Values depend only on symbols of lower rank, so there are no
 * circles; what README.md lists as a deliberate difference is not generated.
 */
export function randomTree(random: Random): RandomTree {
  return new TreeWriter(random).write();
}

class TreeWriter {
  private readonly lines: string[] = [];
  private readonly symbols: Planned[] = [];
  private readonly count: number;
  private created = 0;
  private readonly withModules: boolean;
  /** Symbols that are defined later, for select and imply to name. */
  private readonly later = new Map<string, Kind>();

  constructor(private readonly random: Random) {
    this.count = 5 + random.below(25);
    this.withModules = random.chance(0.6);
  }

  write(): RandomTree {
    const { random } = this;
    if (random.chance(0.7)) this.lines.push('mainmenu "A random tree"');
    if (this.withModules) {
      this.lines.push('config MODULES', '\tbool "modules"', '\toption modules');
      if (random.chance(0.6)) this.lines.push('\tdefault y');
      this.symbols.push({
        name: 'MODULES',
        kind: 'bool',
        rank: -1,
        referenced: true,
        ranged: false,
      });
    }
    this.block(0);
    while (this.created < this.count) this.block(0);
    const text = `${this.lines.join('\n')}\n`;
    const symbols = this.symbols;
    return { text, randomConfig: (source) => randomConfig(symbols, source) };
  }

  private block(depth: number): void {
    const { random } = this;
    const entries = 1 + random.below(6);
    for (let entry = 0; entry < entries && this.created < this.count; entry++) {
      const roll = random.next();
      if (depth < 4 && roll < 0.1) this.menu(depth);
      else if (depth < 4 && roll < 0.22) this.condition(depth);
      else if (roll < 0.32) this.choice();
      else if (roll < 0.37) this.comment();
      else this.config();
    }
  }

  private menu(depth: number): void {
    const { random, lines } = this;
    lines.push(`menu "Menu ${this.created}"`);
    if (random.chance(0.3)) lines.push(`\tvisible if ${this.expression()}`);
    if (random.chance(0.3)) lines.push(`\tdepends on ${this.expression()}`);
    this.block(depth + 1);
    lines.push('endmenu');
  }

  private condition(depth: number): void {
    this.lines.push(`if ${this.expression()}`);
    this.block(depth + 1);
    this.lines.push('endif');
  }

  private comment(): void {
    this.lines.push(`comment "Comment ${this.created}"`);
    if (this.random.chance(0.5)) this.lines.push(`\tdepends on ${this.expression()}`);
  }

  private choice(): void {
    const { random, lines } = this;
    const rank = this.created++;
    const kind: Kind = random.chance(0.3) ? 'tristate' : 'bool';
    const members = Array.from(
      { length: 1 + random.below(4) },
      (_item, index) => `C${rank}_${index}`,
    );
    lines.push(random.chance(0.2) ? `choice NAMED_${rank}` : 'choice');
    const type = random.chance(0.5) ? `${kind} ` : 'prompt ';
    lines.push(`\t${type}"Choice ${rank}"${this.ifPart(0.3)}`);
    if (random.chance(0.3)) lines.push('\toptional');
    if (random.chance(0.3)) lines.push(`\tdepends on ${this.expression()}`);
    while (random.chance(0.4)) lines.push(`\tdefault ${random.pick(members)}${this.ifPart(0.5)}`);
    const bounded = random.chance(0.2);
    if (bounded) lines.push(`if ${this.expression()}`);
    for (const name of members) {
      const memberKind: Kind = kind === 'tristate' && random.chance(0.2) ? 'bool' : kind;
      lines.push(`config ${name}`, `\t${memberKind} "Member ${name}"${this.ifPart(0.3)}`);
      if (random.chance(0.2)) lines.push(`\tdepends on ${this.expression()}`);
      if (random.chance(0.2)) this.select();
      if (random.chance(0.15))
        lines.push(`config ${name}_SUB`, '\tbool "sub"', `\tdepends on ${name}`);
    }
    if (bounded) lines.push('endif');
    lines.push('endchoice');
    for (const name of members) {
      this.symbols.push({ name, kind, rank, referenced: true, ranged: false, member: true });
    }
  }

  private config(): void {
    const { random, lines } = this;
    const rank = this.created++;
    const name = `S${rank}`;
    const kind = this.kindOf(rank);
    this.later.set(name, kind);
    const planned: Planned = { name, kind, rank, referenced: false, ranged: false };
    this.definition(planned);
    if (random.chance(0.08)) this.definition(planned);
    this.symbols.push(planned);
    if (random.chance(0.1)) lines.push('');
  }

  /** Fixed by the rank, so that a select can tell the kind of a symbol that is not written yet. */
  private kindOf(rank: number): Kind {
    const kinds: readonly Kind[] = [
      'bool',
      'tristate',
      'bool',
      'int',
      'tristate',
      'bool',
      'hex',
      'string',
      'tristate',
    ];
    return kinds[(rank * 5) % kinds.length]!;
  }

  private definition(planned: Planned): void {
    const { random, lines } = this;
    const { name, kind } = planned;
    const prompted = random.chance(0.75);
    lines.push(`${prompted && random.chance(0.15) ? 'menuconfig' : 'config'} ${name}`);
    const logical = kind === 'bool' || kind === 'tristate';
    if (prompted && random.chance(0.5)) lines.push(`\t${kind} "Prompt ${name}"${this.ifPart(0.3)}`);
    else if (logical && random.chance(0.2)) {
      lines.push(`\tdef_${kind} ${this.expression()}${this.ifPart(0.5)}`);
      if (prompted) lines.push(`\tprompt "Prompt ${name}"${this.ifPart(0.3)}`);
    } else {
      lines.push(`\t${kind}`);
      if (prompted) lines.push(`\tprompt "Prompt ${name}"${this.ifPart(0.3)}`);
    }
    if (random.chance(0.4)) lines.push(`\tdepends on ${this.expression()}`);
    if (random.chance(0.1)) lines.push(`\tdepends on ${this.expression()}`);
    while (random.chance(0.45)) this.defaultValue(kind);
    if (logical) {
      while (random.chance(0.3)) this.select();
    } else if (kind !== 'string') {
      while (random.chance(0.3)) this.range(planned);
    }
    if (random.chance(0.1)) lines.push('\toption allnoconfig_y');
    if (random.chance(0.2)) lines.push('\thelp', '\t  Some words.', '', '\t    More of them.');
  }

  private defaultValue(kind: Kind): void {
    const { random, lines } = this;
    const condition = this.ifPart(0.5);
    const same = this.symbols.filter((symbol) => symbol.kind === kind);
    if (kind === 'bool' || kind === 'tristate') {
      lines.push(
        `\tdefault ${random.chance(0.6) ? random.pick(['y', 'n', 'm', 'y']) : this.expression()}${condition}`,
      );
    } else if (same.length > 0 && random.chance(0.3)) {
      const source = random.pick(same);
      source.referenced = true;
      lines.push(`\tdefault ${source.name}${condition}`);
    } else if (kind === 'string') {
      lines.push(`\tdefault "${random.pick(WORDS)}"${condition}`);
    } else {
      lines.push(`\tdefault ${this.number(kind)}${condition}`);
    }
  }

  private number(kind: Kind): string {
    const value = this.random.below(40) - (kind === 'int' ? 5 : 0);
    return kind === 'int' ? String(value) : `0x${value.toString(16)}`;
  }

  private range(planned: Planned): void {
    const { random, lines } = this;
    planned.ranged = true;
    const numbers = this.symbols.filter((symbol) => symbol.kind === planned.kind);
    const low = random.below(20);
    const bound = (value: number) =>
      planned.kind === 'int' ? String(value) : `0x${value.toString(16)}`;
    let upper = bound(low + random.below(20));
    if (numbers.length > 0 && random.chance(0.2)) {
      const source = random.pick(numbers);
      source.referenced = true;
      upper = source.name;
    }
    lines.push(`\trange ${bound(low)} ${upper}${this.ifPart(0.4)}`);
  }

  /** Selects a symbol of higher rank, which need not be defined. */
  private select(): void {
    const { random, lines } = this;
    const rank = this.created + random.below(4);
    const kind = this.kindOf(rank);
    if ((kind !== 'bool' && kind !== 'tristate') || this.later.has(`S${rank}`)) return;
    lines.push(`\t${random.chance(0.6) ? 'select' : 'imply'} S${rank}${this.ifPart(0.3)}`);
  }

  private ifPart(probability: number): string {
    return this.random.chance(probability) ? ` if ${this.expression()}` : '';
  }

  private expression(depth = 0): string {
    const { random } = this;
    const roll = random.next();
    if (depth < 3 && roll < 0.18)
      return `${this.expression(depth + 1)} && ${this.expression(depth + 1)}`;
    if (depth < 3 && roll < 0.32)
      return `(${this.expression(depth + 1)} || ${this.expression(depth + 1)})`;
    if (depth < 3 && roll < 0.42)
      return `!${random.chance(0.5) ? this.term() : `(${this.expression(depth + 1)})`}`;
    return this.term();
  }

  private term(): string {
    const { random } = this;
    const known = this.symbols.slice(-12);
    if (known.length === 0 || random.chance(0.05)) {
      const constants = this.withModules ? ['y', 'n', 'm', 'UNDEFINED'] : ['y', 'n', 'UNDEFINED'];
      return random.pick(constants);
    }
    const symbol = random.pick(known);
    symbol.referenced = true;
    if (symbol.kind === 'bool' || symbol.kind === 'tristate') {
      if (random.chance(0.7)) return symbol.name;
      return `${symbol.name} ${random.pick(['=', '!='])} ${random.pick(['y', 'n', 'm', this.otherLogical(known)])}`;
    }
    const operator = random.pick(['=', '!=', '<', '<=', '>', '>=']);
    if (symbol.kind === 'string')
      return `${symbol.name} ${operator} "${random.pick(WORDS.slice(0, -1))}"`;
    return `${symbol.name} ${operator} ${this.number(symbol.kind)}`;
  }

  private otherLogical(known: readonly Planned[]): string {
    const logical = known.filter((symbol) => symbol.kind === 'bool' || symbol.kind === 'tristate');
    return logical.length === 0 ? 'y' : this.random.pick(logical).name;
  }
}

function randomConfig(symbols: readonly Planned[], random: Random): string {
  const lines: string[] = [];
  const share = random.next();
  for (const symbol of symbols) {
    if (!random.chance(share)) continue;
    const name = `CONFIG_${symbol.name}`;
    switch (symbol.kind) {
      case 'bool':
        lines.push(random.chance(0.6) ? `${name}=y` : `# ${name} is not set`);
        break;
      case 'tristate':
        // No m behind a y in one choice: --defconfig takes that otherwise, see README.md.
        if (symbol.member && lines.some((line) => line.startsWith(`CONFIG_C${symbol.rank}_`)))
          break;
        lines.push(random.pick([`${name}=y`, `${name}=m`, `# ${name} is not set`]));
        break;
      case 'string':
        lines.push(`${name}="${random.pick(WORDS)}"`);
        break;
      case 'int':
      case 'hex': {
        // An out-of-range number leaves stale values in what refers to it; see the differences in README.md.
        if (symbol.ranged && symbol.referenced) break;
        const value = random.below(60);
        lines.push(`${name}=${symbol.kind === 'int' ? value : `0x${value.toString(16)}`}`);
        break;
      }
    }
  }
  if (random.chance(0.1)) lines.push('CONFIG_NO_SUCH_SYMBOL=y');
  return `${lines.join('\n')}\n`;
}
