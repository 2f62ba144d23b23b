// SPDX-License-Identifier: BSD-3-Clause
// Imports point downwards: cli -> wire (the shapes of the API); daemon -> api -> orchestrator -> build -> foundations.
const layer = (name, from, to) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { path: to },
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: '\\.d\\.ts$' },
      to: {},
    },
    layer(
      'foundations-know-nothing-above',
      '^src/(errors|process|diagnosis)/',
      '^src/(build|orchestrator|api|daemon|cli)/',
    ),
    layer('build-knows-no-instances', '^src/build/', '^src/(orchestrator|api|daemon|cli)/'),
    layer('orchestrator-knows-no-http', '^src/orchestrator/', '^src/(api|daemon|cli)/'),
    layer('wire-knows-only-shapes', '^src/wire/', '^src/(?!wire/)'),
    layer('api-knows-no-daemon', '^src/api/', '^src/(daemon|cli)/'),
    layer('cli-is-a-client', '^src/cli/', '^src/(orchestrator|api|daemon)/'),
    {
      name: 'domain-knows-no-framework',
      severity: 'error',
      from: { path: '^src/(errors|process|diagnosis|build|orchestrator|cli)/' },
      to: { path: 'node_modules/(@nestjs|fastify|@fastify|rxjs)' },
    },
    {
      name: 'product-does-not-import-tests',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(test|bench)/|\\.test\\.ts$' },
    },
    {
      name: 'no-unlisted-dependency',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
};
