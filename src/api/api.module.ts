// SPDX-License-Identifier: BSD-3-Clause
import { Module, type DynamicModule } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import type { TokenRegistry } from './auth/token-registry.js';
import { BuildQuota } from './builds/build-quota.js';
import { BuildsController } from './builds/builds.controller.js';
import { CatalogueController } from './catalogue/catalogue.controller.js';
import { HostsController } from './hosts/hosts.controller.js';
import { IdempotencyInterceptor } from './http/idempotency.interceptor.js';
import { CollectionController } from './images/collection.controller.js';
import { ImagesController } from './images/images.controller.js';
import { BulkChangesController } from './instances/bulk-changes.controller.js';
import { TransfersController } from './images/transfers.controller.js';
import { InstancesController } from './instances/instances.controller.js';
import type { MetricsHistory } from './metrics/history.js';
import { MetricsController } from './metrics/metrics.controller.js';
import type { Metrics } from './metrics/metrics.js';
import { OperationsController } from './operations/operations.controller.js';
import {
  BUILD_QUOTA,
  BUILDER,
  CATALOGUE,
  COLLECTOR,
  CONFIGURATOR,
  EVENTS,
  HOSTS,
  IDEMPOTENCY,
  IMAGES,
  IMAGE_USAGE,
  INSTANCES,
  METRICS,
  METRICS_HISTORY,
  OPERATIONS,
  READINESS,
  SOURCES,
  STOPPING,
  TOKENS,
  TRANSFERS,
  VERSION,
  WARM_POOLS,
  type ApiServices,
} from './services.js';
import { SourcesController } from './sources/sources.controller.js';
import { SystemController } from './system/system.controller.js';
import { WarmPoolsController } from './warm-pools/warm-pools.controller.js';
import { TokensController } from './tokens/tokens.controller.js';

/** Wires the controllers to the services that they translate requests into. */
@Module({})
export class ApiModule {
  static with(
    services: ApiServices,
    tokens: TokenRegistry,
    metrics: Metrics,
    history: MetricsHistory,
    stopping: AbortSignal,
  ): DynamicModule {
    return {
      module: ApiModule,
      controllers: [
        CatalogueController,
        BuildsController,
        CollectionController,
        ImagesController,
        SourcesController,
        TransfersController,
        BulkChangesController,
        InstancesController,
        HostsController,
        MetricsController,
        OperationsController,
        SystemController,
        TokensController,
        WarmPoolsController,
      ],
      providers: [
        { provide: CATALOGUE, useValue: services.catalogue },
        { provide: CONFIGURATOR, useValue: services.configurator },
        { provide: BUILDER, useValue: services.builder },
        { provide: IMAGES, useValue: services.images },
        { provide: COLLECTOR, useValue: services.collector },
        { provide: SOURCES, useValue: services.sources },
        { provide: IMAGE_USAGE, useValue: services.imageUsage },
        { provide: INSTANCES, useValue: services.instances },
        { provide: OPERATIONS, useValue: services.operations },
        { provide: TRANSFERS, useValue: services.transfers },
        { provide: HOSTS, useValue: services.hosts },
        { provide: WARM_POOLS, useValue: services.warmPools },
        { provide: EVENTS, useValue: services.events },
        { provide: IDEMPOTENCY, useValue: services.idempotency },
        { provide: READINESS, useValue: services.readiness },
        { provide: VERSION, useValue: services.version },
        { provide: TOKENS, useValue: tokens },
        { provide: BUILD_QUOTA, useValue: new BuildQuota(services.builder) },
        { provide: METRICS, useValue: metrics },
        { provide: METRICS_HISTORY, useValue: history },
        { provide: STOPPING, useValue: stopping },
        { provide: APP_INTERCEPTOR, useClass: IdempotencyInterceptor },
      ],
    };
  }
}
