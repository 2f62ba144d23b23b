// SPDX-License-Identifier: BSD-3-Clause
// Lets worker threads run from the TypeScript sources in tests: Node.js strips the types itself, but looks for `x.js`
// where only `x.ts` is. To be given to Node.js with --import, which worker threads inherit.
import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath, URL } from 'node:url';

registerHooks({
  resolve(specifier, context, nextResolve) {
    if (!/^(?:\.{1,2}\/|file:).*\.js$/.test(specifier)) return nextResolve(specifier, context);
    const url = new URL(specifier, context.parentURL);
    if (url.pathname.includes('/node_modules/') || existsSync(fileURLToPath(url))) {
      return nextResolve(specifier, context);
    }
    return nextResolve(url.href.replace(/\.js$/, '.ts'), context);
  },
});
