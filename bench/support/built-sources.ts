// SPDX-License-Identifier: BSD-3-Clause
// Lets a benchmark import the product by its sources' names and run what was built of them: `src/x.js` is `dist/x.js`, and any
// other `.js` that stands beside a `.ts` is that, whose types Node.js strips. Import this first, and the rest dynamically.
import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url).href;

registerHooks({
  resolve(specifier, context, nextResolve) {
    const { parentURL } = context;
    const isOurs = parentURL?.startsWith(root) === true && !parentURL.includes('/node_modules/');
    if (!isOurs || !/^\.{1,2}\//.test(specifier)) return nextResolve(specifier, context);
    const url = new URL(specifier, parentURL).href;
    if (url.startsWith(`${root}src/`)) {
      return nextResolve(url.replace(`${root}src/`, `${root}dist/`), context);
    }
    const source = url.replace(/\.js$/, '.ts');
    const found = url !== source && existsSync(fileURLToPath(source));
    return nextResolve(found ? source : url, context);
  },
});
