<#
.SYNOPSIS
  The targets of the Makefile for Windows PowerShell: .\make.ps1 run
.DESCRIPTION
  Needs Python 3.13 (py -3.13). PORT, SIM_PORT, HOST and DD_SITE are environment variables.
  Left out is what starts hosts of its own, which Windows cannot hand a socket (unit, test, bench and the like), and what
  needs npm or packages of Debian (docs, tools): use WSL.
  "demo" needs "run" in another window.
#>
param([string]$Target = "help", [Parameter(ValueFromRemainingArguments)][string[]]$Rest)

$ErrorActionPreference = "Stop"
Set-Location $PSScriptRoot
# These two make the worker library believe that it runs in Azure.
Remove-Item "Env:CONTAINER_NAME", "Env:WEBSITE_INSTANCE_ID" -ErrorAction SilentlyContinue

$Python = Join-Path $PSScriptRoot ".venv\Scripts\python.exe"
$Ready = Join-Path $PSScriptRoot ".venv\ready"
$ReadyToTest = Join-Path $PSScriptRoot ".venv\ready-to-test"
$ToRun = @("requirements.in", "requirements-host.in")
$Port = if ($Env:PORT) { $Env:PORT } else { "7071" }
$SimPort = if ($Env:SIM_PORT) { $Env:SIM_PORT } else { "7070" }
$AppHost = if ($Env:HOST) { $Env:HOST } else { "your-app.azurewebsites.net" }

function Invoke-Step([string]$Program) {
  & $Program @args
  if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
}

# To run it takes a third of the packages that testing takes.
function Install-Packages([string]$Mark = $ReadyToTest, [string[]]$Files = @("requirements-dev.txt")) {
  $is313 = "import sys; sys.exit(sys.version_info[:2] != (3, 13))"
  $inputs = Get-Item ($ToRun + $Files)
  $stamp = if (Test-Path $Mark) { (Get-Item $Mark).LastWriteTime } else { [datetime]::MinValue }
  $newest = ($inputs | Measure-Object LastWriteTime -Maximum).Maximum
  if (Test-Path $Python) {
    & $Python -c $is313
    if ($LASTEXITCODE -ne 0 -or ((Test-Path $Ready) -and (Get-Content $Ready) -ne $PSScriptRoot)) {
      Write-Host "The environment in .venv is of another Python or another folder; it is made again."
      Remove-Item .venv -Recurse -Force
      $stamp = [datetime]::MinValue
    }
  }
  if ($stamp -ge $newest) { return }
  if (Get-Command py -ErrorAction SilentlyContinue) { & py -3.13 -c $is313 } else { $LASTEXITCODE = 1 }
  if ($LASTEXITCODE -ne 0) { Write-Host "Python 3.13 is needed: install it so that 'py -3.13' runs it."; exit 1 }
  & py -3.13 -P workbench\set_up.py .venv @Files
  if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
  Set-Content $Ready $PSScriptRoot
  Set-Content $Mark $PSScriptRoot
}

switch ($Target) {
  "help" { Write-Host "Targets: run demo lint types export check package recipes setup clean" }
  "setup" { Install-Packages }
  "run" {
    Install-Packages $Ready $ToRun
    $site = if ($Env:DD_SITE) { @("--site", $Env:DD_SITE) } else { @() }
    Invoke-Step $Python -m workbench serve --port $Port --simulator-port $SimPort @site
  }
  "demo" { Install-Packages $Ready $ToRun; Invoke-Step $Python -m workbench demo --port $Port --simulator-port $SimPort }
  "lint" {
    Install-Packages
    Invoke-Step $Python -m ruff check .
    Invoke-Step $Python -m ruff format --check .
    Invoke-Step $Python -m bandit -q -c pyproject.toml -r connector function_app.py
  }
  "types" { Install-Packages; Invoke-Step $Python -m mypy }
  "export" { Install-Packages; Invoke-Step $Python -m workbench export --host $AppHost }
  "check" { Install-Packages; Invoke-Step $Python -m workbench check }
  "package" { Install-Packages; Invoke-Step $Python -m workbench package --host $AppHost }
  "recipes" { Install-Packages $Ready $ToRun; Invoke-Step $Python -m workbench package --only-uploads --host $AppHost }
  "clean" {
    Remove-Item ".venv", ".data", "build", ".mypy_cache", ".ruff_cache", ".pytest_cache" -Recurse -Force -ErrorAction SilentlyContinue
  }
  default { Write-Host "There is no target '$Target'. .\make.ps1 help lists them; the others need WSL."; exit 2 }
}
