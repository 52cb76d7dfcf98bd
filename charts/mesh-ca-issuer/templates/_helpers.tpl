{{- define "mesh-ca-issuer.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "mesh-ca-issuer.selectorLabels" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "mesh-ca-issuer.labels" -}}
{{ include "mesh-ca-issuer.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "mesh-ca-issuer.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "mesh-ca-issuer.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "mesh-ca-issuer.clusterResourceNamespace" -}}
{{- default .Release.Namespace .Values.settings.clusterResourceNamespace -}}
{{- end -}}

{{- /* Where any Secret and ConfigMap may be got, as a YAML list. There are no cluster issuers where some namespaces only are served. */ -}}
{{- define "mesh-ca-issuer.referenceNamespaces" -}}
{{- $namespaces := .Values.references.namespaces -}}
{{- if .Values.settings.watchNamespaces -}}
{{- if .Values.references.watchedNamespaces -}}
{{- $namespaces = concat $namespaces .Values.settings.watchNamespaces -}}
{{- end -}}
{{- else if .Values.references.clusterResourceNamespace -}}
{{- $namespaces = append $namespaces (include "mesh-ca-issuer.clusterResourceNamespace" .) -}}
{{- end -}}
{{- $namespaces | uniq | toYaml -}}
{{- end -}}

{{- define "mesh-ca-issuer.image" -}}
{{- $tag := default .Chart.AppVersion .Values.image.tag -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository $tag -}}
{{- end -}}
{{- end -}}

{{- /*
What node is started with. The heap flags are those of the image's own entry point. Node reads the compile cache of the
image, which saves 24 MiB, only where it may write it; the read-only root file system is what keeps it as it is.
*/ -}}
{{- define "mesh-ca-issuer.command" -}}
- /usr/local/bin/node
- --max-old-space-size={{ int .Values.node.maxOldSpaceSizeMiB }}
- --max-semi-space-size={{ int .Values.node.maxSemiSpaceSizeMiB }}
- --no-parallel-scavenge
{{- with .Values.node.permission }}
{{- if .enabled }}
- --permission
{{- range concat (list "/app") .readPaths }}
- --allow-fs-read={{ . }}
{{- end }}
- --allow-fs-write=/app/cache
{{- end }}
{{- end }}
- /app/mesh-ca.cjs
{{- end -}}

{{- /* Every setting is given, so that neither another standard nor a stray variable changes what the values say. */ -}}
{{- define "mesh-ca-issuer.args" -}}
- controller
- --leader-elect={{ .Values.settings.leaderElect }}
{{- with .Values.settings.leaderElection }}
- --leader-election-lease-name={{ .leaseName }}
- --leader-election-lease-duration={{ .leaseDuration }}
- --leader-election-renew-deadline={{ .renewDeadline }}
- --leader-election-retry-period={{ .retryPeriod }}
{{- end }}
- --http-addr=:{{ int .Values.httpPort }}
- --status-addr={{ include "mesh-ca-issuer.statusAddress" . }}
- --cluster-resource-namespace={{ include "mesh-ca-issuer.clusterResourceNamespace" . }}
- {{ join "," .Values.settings.watchNamespaces | printf "--watch-namespaces=%s" | quote }}
- {{ join "," .Values.settings.skipNamespaces | printf "--skip-namespaces=%s" | quote }}
{{- with .Values.settings.clusterId }}
- {{ printf "--cluster-id=%s" . | quote }}
{{- end }}
- --insecure-endpoints={{ .Values.settings.insecureEndpoints }}
{{- with .Values.settings.allowedEndpoints }}
- {{ join "," . | printf "--allowed-endpoints=%s" | quote }}
{{- end }}
- --issuer-ambient-credentials={{ .Values.settings.issuerAmbientCredentials }}
- --workers={{ int .Values.settings.workers }}
- --recheck-interval={{ .Values.settings.recheckInterval }}
- --log-level={{ .Values.settings.logLevel }}
{{- range .Values.extraArgs }}
- {{ . | quote }}
{{- end }}
{{- end -}}

{{- /* Empty: nowhere. */ -}}
{{- define "mesh-ca-issuer.statusAddress" -}}
{{- with .Values.status -}}
{{- if .exposed.enabled -}}
{{- printf ":%d" (int .port) -}}
{{- else if .enabled -}}
{{- printf "127.0.0.1:%d" (int .port) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- /* The subject of every binding to the controller. */ -}}
{{- define "mesh-ca-issuer.subjects" -}}
- kind: ServiceAccount
  name: {{ include "mesh-ca-issuer.serviceAccountName" . }}
  namespace: {{ .Release.Namespace }}
{{- end -}}

{{- /* A Role and its binding to the controller: dict root, name, namespace, rules. */ -}}
{{- define "mesh-ca-issuer.role" -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {{ .name }}
  namespace: {{ .namespace }}
  labels:
    {{- include "mesh-ca-issuer.labels" .root | nindent 4 }}
rules:
  {{- toYaml .rules | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ .name }}
  namespace: {{ .namespace }}
  labels:
    {{- include "mesh-ca-issuer.labels" .root | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {{ .name }}
subjects:
  {{- include "mesh-ca-issuer.subjects" .root | nindent 2 }}
{{- end -}}

{{- /* A ClusterRole and its binding to the controller: dict root, name, rules. */ -}}
{{- define "mesh-ca-issuer.clusterRole" -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: {{ .name }}
  labels:
    {{- include "mesh-ca-issuer.labels" .root | nindent 4 }}
rules:
  {{- toYaml .rules | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: {{ .name }}
  labels:
    {{- include "mesh-ca-issuer.labels" .root | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: {{ .name }}
subjects:
  {{- default (include "mesh-ca-issuer.subjects" .root) .subjects | nindent 2 }}
{{- end -}}
