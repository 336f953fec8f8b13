# The Functions host itself in a container, for Container Apps or Kubernetes: it needs a storage account
# (AzureWebJobsStorage__accountName and an identity), as in Azure. Build from the root of the project:
#   docker build --file infra/docker/functions.Dockerfile --tag deskdirector-connector-functions .
FROM mcr.microsoft.com/azure-functions/python:4-python3.13
ENV AzureWebJobsScriptRoot=/home/site/wwwroot AzureFunctionsJobHost__Logging__Console__IsEnabled=true
COPY requirements.lock /
RUN pip install --no-cache-dir --require-hashes --requirement /requirements.lock
COPY connector /home/site/wwwroot/connector
COPY function_app.py host.json LICENSE /home/site/wwwroot/
