// Alert rules and a workbook over the app's log lines. Each query is a file of infra/queries; docs/operate.md shows them.
param location string
param tags object
param token string
param insightsId string
@description('Who is told of an alert; empty: alerts are only shown in the portal.')
param email string

var panels = [
  { title: 'Failed calls by code', query: loadTextContent('queries/failed-calls.kql') }
  { title: 'Sites in trouble', query: loadTextContent('queries/sites-in-trouble.kql') }
  { title: 'Latency of operations', query: loadTextContent('queries/latency.kql') }
  { title: 'Calls shed by the limits of the app', query: loadTextContent('queries/shed-calls.kql') }
  { title: 'Events that wait or were given up', query: loadTextContent('queries/relay.kql') }
  { title: 'Alerts of the relay', query: loadTextContent('queries/alerts.kql') }
]
var rules = [
  {
    name: 'calls-fail'
    title: 'DeskDirector connector: calls fail'
    text: 'More than 20 calls of a site ended with 424 or 5xx within 15 minutes. docs/operate.md says how to go on.'
    query: loadTextContent('queries/sites-in-trouble.kql')
    measure: 'calls'
    threshold: 20
    severity: 2
  }
  {
    name: 'relay-alerts'
    title: 'DeskDirector connector: the relay needs a person'
    text: 'A flow fails, events wait, or a subscription has ended. docs/relay.md says what each code means.'
    query: loadTextContent('queries/alerts.kql')
    measure: ''
    threshold: 0
    severity: 1
  }
]

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(email)) {
  name: 'ag-${token}'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'connector'
    emailReceivers: [{ name: 'operator', emailAddress: email, useCommonAlertSchema: true }]
  }
}

// Log records arrive some minutes late, so a window is looked at three times, and an alert is told of once.
resource alerts 'Microsoft.Insights/scheduledQueryRules@2021-08-01' = [
  for rule in rules: {
    name: '${rule.name}-${token}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: rule.title
      description: rule.text
      enabled: true
      severity: rule.severity
      scopes: [insightsId]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT15M'
      criteria: {
        allOf: [
          union(
            {
              query: rule.query
              operator: 'GreaterThan'
              threshold: rule.threshold
              timeAggregation: empty(rule.measure) ? 'Count' : 'Maximum'
              failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
            },
            empty(rule.measure) ? {} : { metricMeasureColumn: rule.measure }
          )
        ]
      }
      autoMitigate: true
      actions: { actionGroups: empty(email) ? [] : [people.id] }
    }
  }
]

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(insightsId, 'workbook')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'DeskDirector connector'
    category: 'workbook'
    sourceId: insightsId
    serializedData: string({
      version: 'Notebook/1.0'
      items: map(panels, panel => {
        type: 3
        name: panel.title
        content: {
          version: 'KqlItem/1.0'
          title: panel.title
          query: panel.query
          size: 0
          queryType: 0
          resourceType: 'microsoft.insights/components'
          timeContext: { durationMs: 86400000 }
        }
      })
    })
  }
}
