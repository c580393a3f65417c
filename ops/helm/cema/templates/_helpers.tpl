{{- define "cema.name" -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "cema.labels" -}}
app.kubernetes.io/name: cema
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- define "cema.claim" -}}
{{- .Values.persistence.existingClaim | default (printf "%s-data" (include "cema.name" .)) -}}
{{- end -}}

{{- define "cema.environment" -}}
- name: CEMA_TENANT
  value: {{ .Values.tenant | quote }}
- name: CEMA_INSTANCE
  valueFrom: {fieldRef: {fieldPath: metadata.name}}
- name: CEMA_DATA_DIR
  value: /var/lib/cema
- name: CEMA_SECURITY_ENABLED
  value: "true"
{{- with .Values.broker.names }}
- name: CEMA_SECURITY_BROKER_NAMES
  value: {{ join "," . | quote }}
{{- end }}
- name: CEMA_ACCESS_MODE
  value: {{ .Values.access.mode | quote }}
{{- if eq .Values.access.mode "oidc" }}
- name: CEMA_ACCESS_OIDC_ISSUER
  value: {{ required "access.oidc.issuer is needed with access.mode oidc" .Values.access.oidc.issuer | quote }}
- name: CEMA_ACCESS_OIDC_AUDIENCE
  value: {{ required "access.oidc.audience is needed with access.mode oidc" .Values.access.oidc.audience | quote }}
{{- end }}
- name: CEMA_DATABASE_HOST
  value: {{ required "database.host is needed: the chart brings no PostgreSQL" .Values.database.host | quote }}
- name: CEMA_DATABASE_PORT
  value: {{ .Values.database.port | quote }}
- name: CEMA_DATABASE_NAME
  value: {{ .Values.database.name | quote }}
- name: CEMA_DATABASE_USER
  value: {{ .Values.database.user | quote }}
- name: CEMA_DATABASE_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ required "database.existingSecret is needed: a Secret with the password" .Values.database.existingSecret | quote }}
      key: {{ .Values.database.secretKey | quote }}
{{- if .Values.broker.sidecar }}
- name: CEMA_MQTT_HOST
  value: 127.0.0.1
- name: CEMA_MQTT_PORT
  value: "1883"
{{- else }}
- name: CEMA_MQTT_HOST
  value: {{ required "broker.host is needed without broker.sidecar" .Values.broker.host | quote }}
- name: CEMA_MQTT_PORT
  value: {{ .Values.broker.port | quote }}
- name: CEMA_MQTT_TLS_TRUST
  value: /etc/cema/broker/ca.crt
- name: CEMA_MQTT_TLS_CERTIFICATE
  value: /etc/cema/broker/tls.crt
- name: CEMA_MQTT_TLS_KEY
  value: /etc/cema/broker/tls.key
{{- end }}
{{- with .Values.monitoring.tracing.endpoint }}
- name: CEMA_TRACING_ENDPOINT
  value: {{ . | quote }}
{{- end }}
{{- if .Values.kafka.enabled }}
- name: CEMA_SAMPLES_TRANSPORT
  value: kafka
- name: CEMA_KAFKA_SERVERS
  value: {{ required "kafka.servers is needed with kafka.enabled: the chart brings no Kafka" .Values.kafka.servers | quote }}
{{- end }}
- name: CEMA_ARTEFACTS_STORE
  value: {{ .Values.artefacts.store | quote }}
{{- if eq .Values.artefacts.store "s3" }}
- name: CEMA_ARTEFACTS_S3_BUCKET
  value: {{ required "artefacts.s3.bucket is needed with artefacts.store s3" .Values.artefacts.s3.bucket | quote }}
- name: CEMA_ARTEFACTS_S3_REGION
  value: {{ .Values.artefacts.s3.region | quote }}
{{- with .Values.artefacts.s3.endpoint }}
- name: CEMA_ARTEFACTS_S3_ENDPOINT
  value: {{ . | quote }}
{{- end }}
{{- with .Values.artefacts.s3.existingSecret }}
- name: CEMA_ARTEFACTS_S3_ACCESS_KEY
  valueFrom: {secretKeyRef: {name: {{ . | quote }}, key: access-key}}
- name: CEMA_ARTEFACTS_S3_SECRET_KEY
  valueFrom: {secretKeyRef: {name: {{ . | quote }}, key: secret-key}}
{{- end }}
{{- end }}
- name: SMALLRYE_CONFIG_LOCATIONS
  value: /etc/cema/settings/cloud.properties
{{- end -}}

{{- /* The process, in the dict's role: cloud or adaptation. */ -}}
{{- define "cema.container" -}}
{{- $gpu := and (eq .role "adaptation") .root.Values.adaptation.gpu.enabled -}}
- name: cloud
  {{- if $gpu }}
  image: "{{ .root.Values.image.repository }}:{{ .root.Values.adaptation.gpu.imageTag | default (printf "%s-cuda" .root.Chart.AppVersion) }}"
  {{- else }}
  image: "{{ .root.Values.image.repository }}:{{ .root.Values.image.tag | default .root.Chart.AppVersion }}"
  {{- end }}
  imagePullPolicy: {{ .root.Values.image.pullPolicy }}
  env:
    {{- include "cema.environment" .root | nindent 4 }}
    - name: CEMA_ADAPTATION_ENABLED
      value: {{ or (eq .role "adaptation") (not .root.Values.adaptation.separate) | quote }}
    - name: CEMA_ADAPTATION_CUDA
      value: {{ $gpu | quote }}
  ports:
    - {name: http, containerPort: 8080}
  startupProbe:
    httpGet: {path: /q/health/live, port: http}
    periodSeconds: 5
    failureThreshold: 60
  livenessProbe:
    httpGet: {path: /q/health/live, port: http}
    periodSeconds: 10
    timeoutSeconds: 5
    failureThreshold: 6
  readinessProbe:
    httpGet: {path: /q/health/ready, port: http}
    periodSeconds: 5
    timeoutSeconds: 5
  resources:
    {{- if eq .role "adaptation" }}
    requests:
      {{- toYaml .root.Values.adaptation.resources.requests | nindent 6 }}
    limits:
      {{- toYaml .root.Values.adaptation.resources.limits | nindent 6 }}
      {{- if $gpu }}
      {{ .root.Values.adaptation.gpu.resource }}: 1
      {{- end }}
    {{- else }}
    {{- toYaml .root.Values.resources | nindent 4 }}
    {{- end }}
  securityContext:
    {{- include "cema.confined" . | nindent 4 }}
  volumeMounts:
    - {name: data, mountPath: /var/lib/cema}
    - {name: scratch, mountPath: /tmp}
    - {name: settings, mountPath: /etc/cema/settings, readOnly: true}
    {{- if not .root.Values.broker.sidecar }}
    - {name: broker-tls, mountPath: /etc/cema/broker, readOnly: true}
    {{- end }}
{{- end -}}

{{- define "cema.confined" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{- define "cema.volumes" -}}
- name: data
  persistentVolumeClaim: {claimName: {{ include "cema.claim" . }}}
- name: scratch
  emptyDir: {}
- name: settings
  configMap: {name: {{ include "cema.name" . }}-settings}
{{- if not .Values.broker.sidecar }}
- name: broker-tls
  secret: {secretName: {{ required "broker.tlsSecret is needed without broker.sidecar" .Values.broker.tlsSecret | quote }}}
{{- end }}
{{- end -}}

{{- define "cema.pod" -}}
automountServiceAccountToken: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
terminationGracePeriodSeconds: 30
{{- end -}}
