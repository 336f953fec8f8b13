// A Flex Consumption function app that reaches its storage and telemetry by its own identity; no keys anywhere.
param location string
param tags object
param token string
@description('What the app has been set to before; ours come on top.')
@secure()
param presentSettings object
param settings object
@secure()
param secretsKey string
param storageRedundancy string
param alwaysReadyInstances int
param maximumInstances int
param instanceMemory int
@description('The subnet that the app joins; empty leaves storage and vault on the internet, closed to all but identities.')
param appSubnetId string
param operatorId string
param operatorType string
param retentionDays int
param extraSiteConfig object

var deploymentContainer = 'app-package'
var storageRoles = {
  blob: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b' // Storage Blob Data Owner
  queue: '974c5e8b-45b9-4653-ba55-5f855dd0fb88' // Storage Queue Data Contributor
  table: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3' // Storage Table Data Contributor
}
var vaultReader = '4633458b-17de-408a-b874-0445c86b69e6' // Key Vault Secrets User
// What a person needs who runs the operator's commands: the app and its keys, the logs, the sealing key, the records.
var operatorRoles = [
  'de139f84-1756-47ae-9be6-808fbbe84772' // Website Contributor
  '43d0d8ad-25c7-4714-9337-8ba259a9fe05' // Monitoring Reader
  'b86a8fe4-44ce-4948-aee5-eccb2c155cd7' // Key Vault Secrets Officer
  '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1' // Storage Blob Data Reader
  '19e7f393-937e-4f77-808e-94535e297925' // Storage Queue Data Reader
  '76199698-9eea-4c19-bc75-cec21354c6b6' // Storage Table Data Reader
]
var isPrivate = !empty(appSubnetId)
var ours = {
  AzureWebJobsStorage__accountName: storage.name
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identity.properties.clientId
  APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.properties.clientId};Authorization=AAD'
  CONNECTOR_SECRETS_KEY: '@Microsoft.KeyVault(SecretUri=${sealingKey.properties.secretUri})'
}
// Nothing that was set before is lost; what is set to nothing is removed.
var appSettings = toObject(
  filter(items(union(presentSettings, settings, ours)), pair => !empty(pair.value)),
  pair => pair.key,
  pair => pair.value
)
var metricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb' // Monitoring Metrics Publisher

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-${token}'
  location: location
  tags: tags
}

resource storage 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: 'st${token}'
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: storageRedundancy }
  properties: {
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    defaultToOAuthAuthentication: true
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    networkAcls: { defaultAction: isPrivate ? 'Deny' : 'Allow', bypass: 'AzureServices' }
  }

  // Queues and tables have no soft delete.
  resource blobs 'blobServices' = {
    name: 'default'
    properties: {
      deleteRetentionPolicy: { enabled: true, days: retentionDays }
      containerDeleteRetentionPolicy: { enabled: true, days: retentionDays }
    }

    resource container 'containers' = {
      name: deploymentContainer
    }
  }

  resource queues 'queueServices' = {
    name: 'default'
  }

  resource tables 'tableServices' = {
    name: 'default'
  }
}

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: 'kv-${token}'
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    enablePurgeProtection: true
    softDeleteRetentionInDays: 90
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    networkAcls: { defaultAction: isPrivate ? 'Deny' : 'Allow', bypass: 'AzureServices' }
  }
}

resource sealingKey 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = {
  parent: vault
  name: 'connector-secrets-key'
  properties: { value: secretsKey, contentType: 'Fernet keys, newest first' }
}

resource vaultAccess 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, identity.id, vaultReader)
  scope: vault
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', vaultReader)
  }
}

resource operatorAccess 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in (empty(operatorId) ? [] : operatorRoles): {
    name: guid(resourceGroup().id, operatorId, role)
    properties: {
      principalId: operatorId
      principalType: operatorType
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    }
  }
]

resource storageAccess 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in items(storageRoles): {
    name: guid(storage.id, identity.id, role.value)
    scope: storage
    properties: {
      principalId: identity.properties.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.value)
    }
  }
]

resource logs 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: 'log-${token}'
  location: location
  tags: tags
  properties: { retentionInDays: retentionDays, sku: { name: 'PerGB2018' } }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-${token}'
  location: location
  tags: tags
  kind: 'web'
  properties: { Application_Type: 'web', DisableLocalAuth: true, WorkspaceResourceId: logs.id }
}

resource insightsAccess 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(insights.id, identity.id, metricsPublisher)
  scope: insights
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', metricsPublisher)
  }
}

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: 'plan-${token}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: 'func-${token}'
  location: location
  tags: union(tags, { 'azd-service-name': 'api' })
  kind: 'functionapp,linux'
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identity.id}': {} } }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identity.id
    virtualNetworkSubnetId: isPrivate ? appSubnetId : null
    functionAppConfig: {
      runtime: { name: 'python', version: '3.13' }
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${storage.properties.primaryEndpoints.blob}${deploymentContainer}'
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identity.id }
        }
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemory
        maximumInstanceCount: maximumInstances
        alwaysReady: alwaysReadyInstances > 0 ? [{ name: 'http', instanceCount: alwaysReadyInstances }] : []
        // Python takes one call at a time by default; ours wait for DeskDirector (`python -m benchmarks bench_concurrency`).
        triggers: { http: { perInstanceConcurrency: 64 } }
      }
    }
    // Flex refuses ftpsState, linuxFxVersion, alwaysOn and others here (error 51021).
    siteConfig: union({ minTlsVersion: '1.2' }, extraSiteConfig)
  }
  dependsOn: [storageAccess]

  // Each deployment replaces the whole collection, so it is written in this one place.
  resource appsettings 'config' = {
    name: 'appsettings'
    properties: appSettings
    dependsOn: [vaultAccess]
  }

  // Deployment is by Entra ID only: no password for FTP or the deployment site.
  resource scm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    location: location
    properties: { allow: false }
  }

  resource ftp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    location: location
    properties: { allow: false }
  }
}

resource appDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-workspace'
  scope: app
  properties: {
    workspaceId: logs.id
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

// Who deletes promised events leaves a trace.
resource queueDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-workspace'
  scope: storage::queues
  properties: {
    workspaceId: logs.id
    logs: [{ category: 'StorageDelete', enabled: true }]
  }
}

resource tableDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-workspace'
  scope: storage::tables
  properties: {
    workspaceId: logs.id
    logs: [{ category: 'StorageDelete', enabled: true }]
  }
}

resource vaultDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-workspace'
  scope: vault
  properties: {
    workspaceId: logs.id
    logs: [{ categoryGroup: 'audit', enabled: true }]
  }
}

output name string = app.name
output host string = app.properties.defaultHostName
output storageId string = storage.id
output vaultId string = vault.id
output vaultName string = vault.name
output insightsId string = insights.id
