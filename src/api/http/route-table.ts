// SPDX-License-Identifier: BSD-3-Clause

interface Route {
  readonly method: string;
  readonly pattern: RegExp;
}

/** The routes that the server has, to tell a wrong method (405) from a wrong path (404). */
export class RouteTable {
  readonly #routes: Route[] = [];

  /** Adds a route by its find-my-way path: `:name`, `:name(regex)`, `::` for a colon, `*` for the rest. */
  add(methods: string | readonly string[], path: string): void {
    const pattern = patternOf(path);
    for (const method of typeof methods === 'string' ? [methods] : methods) {
      this.#routes.push({ method, pattern });
    }
  }

  /** The methods of a path, sorted. */
  methodsOf(path: string): readonly string[] {
    const methods = this.#routes
      .filter((route) => route.pattern.test(path))
      .map((route) => route.method);
    return [...new Set(methods)].sort();
  }
}

function patternOf(path: string): RegExp {
  const source = path.replaceAll(/::|:[A-Za-z]+(?:\([^)]*\))?|\*|[.+?^${}()|[\]\\]/g, (token) => {
    if (token === '::') return ':';
    if (token === '*') return '.*';
    return token.startsWith(':') ? '[^/:]+' : `\\${token}`;
  });
  return new RegExp(`^${source}$`);
}
