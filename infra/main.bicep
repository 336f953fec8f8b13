// The resource group and everything in it. `azd up` runs this; so does `az deployment sub create` (docs/deploy.md).
targetScope = 'subscription'

@minLength(1)
@maxLength(64)
@description('Names the resource group and, through a hash, everything in it.')
param environmentName string

@description('The Azure region.')
param location string

@description('Any CONNECTOR_* setting, by name. An empty value removes the setting.')
param settings object = {}

@description('The same as base64 of a JSON object: how azd hands over what `azd env set CONNECTOR_…` set (infra/settings.py).')
param encodedSettings string = ''

@description('The app of an earlier deployment, whose other settings are kept. azd knows it after the first one.')
param existingApp string = ''

@description('The Fernet keys that seal secrets at rest, newest first; docs/deploy.md says how to make one. Kept in Key Vault.')
@secure()
param secretsKey string

@description('Copies of the storage: ZRS keeps events when a data centre fails; LRS where a region has no zones.')
@allowed(['Standard_ZRS', 'Standard_LRS', 'Standard_GZRS'])
param storageRedundancy string = 'Standard_ZRS'

@description('Instances that are always warm; 0 costs nothing while nobody calls and starts cold.')
@minValue(0)
param alwaysReadyInstances int = 1

@description('At most this many instances of each function; docs/scale.md says how many events a day they carry.')
@minValue(40)
@maxValue(1000)
param maximumInstances int = 40

@description('Memory of an instance in MB.')
@allowed([512, 2048, 4096])
param instanceMemory int = 2048

@description('`true`: storage and vault answer only inside a virtual network, which the app joins.')
param privateNetwork bool = false

@description('Object id of a person or group who operates the app; empty for none.')
param operatorId string = ''

@allowed(['User', 'Group', 'ServicePrincipal'])
param operatorType string = 'User'

@description('Days that logs and deleted blobs are kept.')
@minValue(7)
param retentionDays int = 30

@description('Who is told by e-mail when calls fail or the relay needs a person; empty for nobody.')
param alertEmail string = ''

@description('Site settings that are not proven on Flex Consumption, e.g. {"http20Enabled": true}; see docs/deploy.md.')
param siteConfig object = {}

var tags = { 'azd-env-name': environmentName }
var token = toLower(uniqueString(subscription().id, environmentName, location))
var groupName = 'rg-${environmentName}'
var encoded = empty(encodedSettings) ? {} : json(base64ToString(encodedSettings))
var appSettingsId = resourceId(subscription().subscriptionId, groupName, 'Microsoft.Web/sites/config', existingApp, 'appsettings')
var present = empty(existingApp) ? {} : list(appSettingsId, '2024-04-01').properties

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: groupName
  location: location
  tags: tags
}

module network 'network.bicep' = if (privateNetwork) {
  name: 'network'
  scope: group
  params: { location: location, tags: tags, token: token }
}

module app 'app.bicep' = {
  name: 'app'
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    presentSettings: present
    // A key on every call unless the settings say otherwise.
    settings: union({ CONNECTOR_AUTH_LEVEL: 'function' }, encoded, settings)
    secretsKey: secretsKey
    storageRedundancy: storageRedundancy
    alwaysReadyInstances: alwaysReadyInstances
    maximumInstances: maximumInstances
    instanceMemory: instanceMemory
    appSubnetId: privateNetwork ? network!.outputs.appSubnetId : ''
    operatorId: operatorId
    operatorType: operatorType
    retentionDays: retentionDays
    extraSiteConfig: siteConfig
  }
}

module endpoints 'endpoints.bicep' = if (privateNetwork) {
  name: 'endpoints'
  scope: group
  params: {
    location: location
    tags: tags
    networkId: network!.outputs.networkId
    subnetId: network!.outputs.endpointSubnetId
    storageId: app.outputs.storageId
    vaultId: app.outputs.vaultId
  }
}

module monitoring 'monitoring.bicep' = {
  name: 'monitoring'
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    insightsId: app.outputs.insightsId
    email: alertEmail
  }
}

output AZURE_LOCATION string = location
output AZURE_FUNCTION_NAME string = app.outputs.name
output AZURE_RESOURCE_GROUP string = groupName
output API_BASE_URL string = 'https://${app.outputs.host}/api'
output MCP_URL string = 'https://${app.outputs.host}/mcp'
output KEY_VAULT_NAME string = app.outputs.vaultName
