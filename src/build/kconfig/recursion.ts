// SPDX-License-Identifier: BSD-3-Clause
import type { KconfigSymbol } from './model.js';
import { forEachSymbol } from './expression.js';
import { formatPosition, KconfigError } from './kconfig-error.js';
import type { TreeBuilder } from './tree-builder.js';

/** Why one symbol's value needs another's. */
type Reason =
  | 'depends on'
  | 'is selected by'
  | 'is implied by'
  | 'has a default from'
  | 'has a range from'
  | 'is a choice with';

interface Edge {
  readonly to: KconfigSymbol;
  readonly reason: Reason;
}

interface Frame {
  readonly unit: KconfigSymbol;
  readonly edges: readonly (Edge & { readonly from: KconfigSymbol })[];
  next: number;
}

/**
 * Checks that no symbol's value depends on itself, and gives the symbols in an order in which each comes after all that it
 * depends on. A choice and its members are one unit: they are decided together.
 * Depth-first search with a stack of its own, so that a long chain cannot exhaust ours.
 * @throws KconfigError that names each step of the circle
 */
export function evaluationOrder(builder: TreeBuilder): readonly KconfigSymbol[] {
  const order: KconfigSymbol[] = [];
  const state = new Map<KconfigSymbol, 'open' | 'done'>();
  // The modules symbol and what it needs come first, for all others need to know whether there are modules.
  const starts = builder.modules === null ? builder.symbols : [builder.modules, ...builder.symbols];
  for (const start of starts) {
    const first = unitOf(start);
    if (state.has(first)) continue;
    const stack: Frame[] = [{ unit: first, edges: edgesOf(first), next: 0 }];
    state.set(first, 'open');
    for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
      const edge = frame.edges[frame.next++];
      if (edge === undefined) {
        state.set(frame.unit, 'done');
        order.push(frame.unit, ...frame.unit.members);
        stack.pop();
        continue;
      }
      const unit = unitOf(edge.to);
      const known = state.get(unit);
      if (known === 'open') throw recursionError(stack, unit);
      if (known === undefined) {
        state.set(unit, 'open');
        stack.push({ unit, edges: edgesOf(unit), next: 0 });
      }
    }
  }
  return order;
}

function unitOf(symbol: KconfigSymbol): KconfigSymbol {
  return symbol.choice ?? symbol;
}

function edgesOf(unit: KconfigSymbol): (Edge & { from: KconfigSymbol })[] {
  const edges: (Edge & { from: KconfigSymbol })[] = [];
  for (const from of [unit, ...unit.members]) {
    for (const edge of directEdges(from)) {
      // Members ask for the mode of their choice, and a choice for its members: that is not a circle.
      if (edge.to === unit && unit.kind === 'choice') continue;
      if (from === unit && edge.to.choice === unit) continue;
      edges.push({ ...edge, from });
    }
  }
  return edges;
}

function directEdges(symbol: KconfigSymbol): Edge[] {
  const edges: Edge[] = [];
  const add = (reason: Reason) => (to: KconfigSymbol) => {
    if (to.kind !== 'constant') edges.push({ to, reason });
  };
  for (const prompt of symbol.prompts) forEachSymbol(prompt.condition, add('depends on'));
  // Asked for only where something selects or implies the symbol, which has no effect on members of a choice.
  if (symbol.choice === null && (symbol.selectedBy !== null || symbol.impliedBy !== null)) {
    forEachSymbol(symbol.directDependency, add('depends on'));
  }
  forEachSymbol(symbol.selectedBy, add('is selected by'));
  forEachSymbol(symbol.impliedBy, add('is implied by'));
  for (const property of symbol.defaults) {
    forEachSymbol(property.condition, add('has a default from'));
    forEachSymbol(
      property.value,
      add(symbol.kind === 'choice' ? 'is a choice with' : 'has a default from'),
    );
  }
  for (const range of symbol.ranges) {
    forEachSymbol(range.condition, add('has a range from'));
    add('has a range from')(range.low);
    add('has a range from')(range.high);
  }
  return edges;
}

function recursionError(stack: readonly Frame[], unit: KconfigSymbol): KconfigError {
  const begin = stack.findIndex((frame) => frame.unit === unit);
  const steps = stack.slice(begin).flatMap((frame) => {
    const edge = frame.edges[frame.next - 1];
    return edge === undefined ? [] : [edge];
  });
  const text = steps
    .map((edge) => `${describe(edge.from)} ${edge.reason} ${describe(edge.to)}`)
    .join('; ');
  const place = steps[0]?.from.nodes[0]?.position ?? unit.nodes[0]?.position;
  return new KconfigError(
    place ?? { file: 'Kconfig', line: 1 },
    `recursive dependency detected: ${text}`,
  );
}

function describe(symbol: KconfigSymbol): string {
  const position = symbol.nodes[0]?.position;
  const name = symbol.name === '' ? 'the choice' : symbol.name;
  return position === undefined ? name : `${name} (${formatPosition(position)})`;
}
