// What the page reads of the service's answers: names and types as in its OpenAPI document, held against it by
// PageTypesTest. Optional here is what may be null or absent there. `Json` is what the document leaves open.

export type Json = Record<string, unknown>;

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
}

export interface Cohort {
  id: string;
  pair: string;
  devices: string[];
  selector?: string;
  priority: number;
  policy: Json;
  version: number;
  createdAt: string;
}

export interface Device {
  id: string;
  displayName: string;
  description: string;
  labels: Json;
  status: string;
  cohort?: string;
  placedBy?: string;
  slots: string[];
  presence: string;
  reported?: Json;
  telemetry?: Json;
  seenAt?: string;
  createdAt: string;
}

export interface DeviceEventView {
  id: number;
  device: string;
  type: string;
  subject: string;
  modelDigest: string;
  version: string;
  epoch: number;
  revision: number;
  reason: string;
  durationMillis: number;
  receivedAt: string;
}

export interface DeviceCommand {
  id: string;
  name: string;
  arguments: Json;
  state: string;
  message: string;
  createdAt: string;
  endedAt?: string;
}

export interface AdaptationView {
  cohort: string;
  modelDigest: string;
  foundationDigest: string;
  holder?: string;
  step: number;
  revision: number;
  liveVersion?: string;
  status: string;
  problem?: string;
  untrained: number;
  trained: number;
  heldBack: number;
}

export interface ProxyPoint {
  at: string;
  uploads: number;
  randomUploads: number;
  bytes: number;
  entropy: number;
  randomEntropy?: number;
  agreement?: number;
  randomAgreement?: number;
}

export interface PublicationView {
  epoch: number;
  revision: number;
  channel: string;
  publishedAt: string;
}

export interface UpdateView {
  version: string;
  cohort: string;
  modelDigest: string;
  verdict: string;
  reason: string;
  bytes: number;
  parent?: string;
  step: number;
  firstOrdinal?: number;
  lastOrdinal?: number;
  samples: number;
  teacherDigest: string;
  metrics: Json;
  publications: PublicationView[];
  createdAt: string;
}

export interface LayerMovement {
  name: string;
  kind: string;
  channels: number;
  scale: number;
  shift: number;
  scaleSinceParent: number;
  shiftSinceParent: number;
}

export interface UpdateRolloutView {
  version: string;
  cohort: string;
  modelDigest: string;
  state: string;
  canaries: number;
  reason: string;
  decidedBy?: string;
  evidence?: Json;
  startedAt: string;
  judgedAt?: string;
  decidedAt?: string;
}

export interface UpdateHold {
  cohort: string;
  frozen: boolean;
  pinnedVersion?: string;
  changedAt?: string;
}

export interface SampleView {
  ordinal: number;
  device: string;
  sampleId: string;
  cohort: string;
  modelDigest: string;
  width: number;
  height: number;
  bytes: number;
  entropy: number;
  predictedClass: number;
  teacherClass?: number;
  reason: string;
  updateVersion: string;
  receivedAt: string;
  heldBack: boolean;
  trainedStep?: number;
}

export interface NormLayer {
  name: string;
  kind: string;
  channels: number;
}

export interface ModelManifest {
  digest: string;
  name: string;
  size: number;
  height: number;
  width: number;
  classes: number;
  labels: string[];
  layers: NormLayer[];
}

export interface ModelView {
  digest: string;
  name: string;
  manifest: ModelManifest;
  sourceDigest?: string;
  channels: number;
  restoredLayers: number;
  createdAt: string;
}

export interface ModelPair {
  id: string;
  edge: string;
  foundation: string;
}

export interface Stage {
  stage: string;
  accuracy: number;
  agreement: number;
  bytes: number;
  file_bytes: number;
  images_per_second: number;
}

export interface CompressionReport {
  stages: Stage[];
  images: number;
  test_images: number;
  warnings: string[];
  seconds: number;
}

export interface CompressionJob {
  id: string;
  name: string;
  model: string;
  status: string;
  stage: string;
  progress: number;
  detail: string;
  problem?: string;
  result?: string;
  report: CompressionReport;
  createdAt: string;
  endedAt?: string;
}

export interface WaveProgress {
  name: string;
  devices: number;
  active: number;
  pending: number;
  downloading: number;
  downloaded: number;
  verified: number;
  applied: number;
  failed: number;
}

export interface Wave {
  name: string;
  percent: number;
}

export interface Rollout {
  id: string;
  cohort: string;
  pair: string;
  formerPair: string;
  waves: Wave[];
  state: string;
  wave: number;
  reason: string;
  finding: string;
  version: number;
  createdAt: string;
  startedAt?: string;
  waveDeadline?: string;
  endedAt?: string;
  progress?: WaveProgress[];
}

export interface RolloutDevice {
  device: string;
  wave: number;
  active: boolean;
  state: string;
  reason: string;
  reportsModel: boolean;
  stateAt?: string;
}

export interface AuditEntry {
  id: number;
  at: string;
  who: string;
  address: string;
  operation: string;
  resource: string;
  outcome: string;
  status?: number;
  created?: string;
}

export interface QuarantineView {
  device: string;
  cohort: string;
  state: string;
  since: string;
  samples: number;
}

export interface AlarmView {
  id: string;
  type: string;
  signal: string;
  subject: string;
  cohort?: string;
  device?: string;
  severity: string;
  state: string;
  message: string;
  raisedAt: string;
  acknowledgedBy?: string;
  clearedAt?: string;
  clearedBy?: string;
}

export interface LiveEvent {
  id: string;
  type: string;
  subject: string;
  data: Json;
  at: string;
}
