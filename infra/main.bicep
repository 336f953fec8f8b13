// The resource group and everything in it. `azd up` runs this; so does `az deployment sub create`.
targetScope = 'subscription'

@minLength(1)
@maxLength(64)
@description('Names the resource group and, through a hash, everything in it.')
param environmentName string

@description('The Azure region.')
param location string

@description('Extra host suffixes that may be used as site host, for custom domains; separated by spaces.')
param allowedSites string = ''

@description('`function` asks for a function key on every call as well.')
@allowed(['anonymous', 'function'])
param authLevel string = 'function'

@description('The Fernet keys that seal secrets at rest, newest first; docs/deploy.md says how to make one.')
@secure()
param secretsKey string

var tags = { 'azd-env-name': environmentName }

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module app 'app.bicep' = {
  name: 'app'
  scope: group
  params: {
    location: location
    tags: tags
    token: toLower(uniqueString(subscription().id, environmentName, location))
    allowedSites: allowedSites
    authLevel: authLevel
    secretsKey: secretsKey
  }
}

output AZURE_LOCATION string = location
output AZURE_FUNCTION_NAME string = app.outputs.name
output API_BASE_URL string = 'https://${app.outputs.host}/api'
output MCP_URL string = 'https://${app.outputs.host}/mcp'
