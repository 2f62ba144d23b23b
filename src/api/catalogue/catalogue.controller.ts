// SPDX-License-Identifier: BSD-3-Clause
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import type {
  Application,
  Catalogue,
  ConfigurationRequest,
  Configurator,
  Library,
  LibraryGraph,
  SourceDigest,
  SymbolExplanation,
} from '../../build/ports.js';
import type { ConfigurationMenu } from '../../build/menu.js';
import { targetSymbol } from '../../build/pools/index.js';
import { isTarget, type Target } from '../../build/target.js';
import { UnicoreError } from '../../errors/index.js';
import {
  applicationDetailSchema,
  applicationPageSchema,
  applicationQuerySchema,
  configurationMenuSchema,
  configurationRequestSchema,
  explanationRequestSchema,
  explanationSchema,
  folderNameSchema,
  libraryGraphRequestSchema,
  libraryGraphSchema,
  libraryPageSchema,
  librarySchema,
  menuRequestSchema,
  resolvedConfigurationSchema,
} from '../../wire/index.js';
import { ApiProblems } from '../openapi/problem-responses.js';
import { CATALOGUE, CONFIGURATOR } from '../services.js';

/** The first target that the defaults choose, else the first of all. */
function firstTarget({ targets, defaults }: Application): Target {
  const chosen = targets.find((target) => defaults[targetSymbol(target)] === 'y') ?? targets[0];
  if (chosen === undefined) throw new UnicoreError('UNKNOWN_TARGET', 'The pools have no targets.');
  return chosen;
}

@ApiTags('build')
@ApiProblems()
@Controller('v1')
export class CatalogueController {
  constructor(
    @Inject(CATALOGUE) private readonly catalogue: Catalogue,
    @Inject(CONFIGURATOR) private readonly configurator: Configurator,
  ) {}

  @Get('libraries')
  @ApiOperation({ summary: 'The micro-libraries of the pools' })
  @ApiResponse({ status: 200, description: 'All libraries', standardSchema: libraryPageSchema })
  async libraries(): Promise<{ items: readonly Library[]; next: null }> {
    return { items: await this.catalogue.libraries(), next: null };
  }

  @Get('libraries/:name')
  @ApiOperation({ summary: 'One library' })
  @ApiResponse({ status: 200, description: 'The library', standardSchema: librarySchema })
  library(@Param('name', { schema: folderNameSchema }) name: string): Promise<Library> {
    return this.catalogue.library(name);
  }

  @Get('apps')
  @ApiOperation({ summary: 'The applications of the pools' })
  @ApiResponse({
    status: 200,
    description: 'All applications',
    standardSchema: applicationPageSchema,
  })
  async applications(): Promise<{ items: readonly Application[]; next: null }> {
    return { items: await this.catalogue.applications(), next: null };
  }

  @Get('apps/:name')
  @ApiOperation({ summary: "One application, with its targets and a target's configuration menu" })
  @ApiResponse({
    status: 200,
    description: 'The application',
    standardSchema: applicationDetailSchema,
  })
  async application(
    @Param('name', { schema: folderNameSchema }) name: string,
    @Query({ schema: applicationQuerySchema }) query: z.infer<typeof applicationQuerySchema>,
  ): Promise<Application & { menu: ConfigurationMenu }> {
    const application = await this.catalogue.application(name);
    const target = (query.target as Target | undefined) ?? firstTarget(application);
    const menu = await this.configurator.menu({ app: name, target, symbols: {} });
    return { ...application, menu };
  }

  @Post('configurations::resolve')
  @HttpCode(200)
  @ApiOperation({ summary: 'What a selection of symbols comes out as' })
  @ApiResponse({
    status: 200,
    description: 'Resolved',
    standardSchema: resolvedConfigurationSchema,
  })
  async resolve(
    @Body({ schema: configurationRequestSchema }) body: z.infer<typeof configurationRequestSchema>,
  ): Promise<unknown> {
    const targets = await Promise.all(
      requestsOf(body).map((request) => this.configurator.resolve(request)),
    );
    const [first] = targets;
    if (first === undefined) throw new UnicoreError('INVALID_REQUEST', 'Name at least one target.');
    return {
      config: first.config,
      libraries: [...new Set(targets.flatMap((target) => target.libraries))].sort(),
      warnings: targets.flatMap((target) => target.warnings),
      targets,
    };
  }

  @Post('configurations::menu')
  @HttpCode(200)
  @ApiOperation({ summary: 'The configuration menu with the values that a selection gives' })
  @ApiResponse({ status: 200, description: 'The menu', standardSchema: configurationMenuSchema })
  menu(
    @Body({ schema: menuRequestSchema }) body: z.infer<typeof menuRequestSchema>,
  ): Promise<ConfigurationMenu> {
    const { app = '', symbols } = body;
    const source = body.source as SourceDigest | undefined;
    return this.configurator.menu({ app, source, target: body.target as Target, symbols });
  }

  @Post('configurations::explain')
  @HttpCode(200)
  @ApiOperation({ summary: 'Why a symbol has its value in each target, and what would turn it on' })
  @ApiResponse({ status: 200, description: 'Explained', standardSchema: explanationSchema })
  async explain(
    @Body({ schema: explanationRequestSchema }) body: z.infer<typeof explanationRequestSchema>,
  ): Promise<{ targets: readonly SymbolExplanation[] }> {
    const targets = requestsOf(body).map((request) =>
      this.configurator.explain(request, body.symbol),
    );
    return { targets: await Promise.all(targets) };
  }

  @Post('configurations::graph')
  @HttpCode(200)
  @ApiOperation({ summary: 'The libraries of a configuration, and why each is there' })
  @ApiResponse({ status: 200, description: 'The graph', standardSchema: libraryGraphSchema })
  async graph(
    @Body({ schema: libraryGraphRequestSchema }) body: z.infer<typeof libraryGraphRequestSchema>,
  ): Promise<{ targets: readonly LibraryGraph[] }> {
    const targets = requestsOf(body).map((request) => this.configurator.graph(request));
    return { targets: await Promise.all(targets) };
  }
}

/** What a body asks for, target by target. */
function requestsOf({
  app = '',
  source,
  targets,
  symbols,
}: z.infer<typeof configurationRequestSchema>): readonly ConfigurationRequest[] {
  return targets
    .filter(isTarget)
    .map((target) => ({ app, source: source as SourceDigest | undefined, target, symbols }));
}
