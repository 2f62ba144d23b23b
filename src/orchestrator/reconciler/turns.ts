// SPDX-License-Identifier: BSD-3-Clause

/** Keys of flows of clients, all of which take turns: round robin between the clients, and within each between its flows. */
export class Turns {
  /** Maps and sets keep the order of insertion; the first is the next to be served. */
  readonly #clients = new Map<string, Map<string, Set<string>>>();
  readonly #places = new Map<string, { readonly client: string; readonly flow: string }>();

  add(key: string, client: string, flow: string): void {
    let flows = this.#clients.get(client);
    if (flows === undefined) this.#clients.set(client, (flows = new Map<string, Set<string>>()));
    const keys = flows.get(flow);
    if (keys === undefined) flows.set(flow, new Set([key]));
    else keys.add(key);
    this.#places.set(key, { client, flow });
  }

  remove(key: string): void {
    const place = this.#places.get(key);
    if (place === undefined) return;
    this.#places.delete(key);
    const flows = this.#clients.get(place.client);
    const keys = flows?.get(place.flow);
    keys?.delete(key);
    if (keys?.size === 0) flows?.delete(place.flow);
    if (flows?.size === 0) this.#clients.delete(place.client);
  }

  /** The next key, which is then no longer here; null if there is none. */
  take(): string | null {
    const [first] = this.#clients;
    if (first === undefined) return null;
    const [client, flows] = first;
    const [next] = flows;
    if (next === undefined) return null;
    const [flow, keys] = next;
    const [key] = keys;
    if (key === undefined) return null;
    keys.delete(key);
    this.#places.delete(key);
    flows.delete(flow);
    if (keys.size > 0) flows.set(flow, keys);
    this.#clients.delete(client);
    if (flows.size > 0) this.#clients.set(client, flows);
    return key;
  }
}
