export { type Member, type NewPerson } from './access-repo.ts'
export { type ApiKeyInfo, apiKeyPrefix } from './api-key-repo.ts'
export { type AuditRetention, type AuditRow, type NewAuditEntry } from './audit-repo.ts'
export { type Database, openDatabase } from './database.ts'
export { type ObjectHolder, type ObjectKey, type StoredObject } from './fleet-object-repo.ts'
export { type MadeByKey } from './made-by-key.ts'
export { type Maker } from './maker.ts'
export { type HostRow, SshAddress } from './host-repo.ts'
export { newId, newSecret } from './ids.ts'
export { type AwaitedSteps, OperationRepo } from './operation-repo.ts'
export {
  type NewOperation,
  type NewStep,
  type OperationCounts,
  type OperationRow,
  type OperationState,
  type StepRow,
  type StepState,
} from './operation-row.ts'
export { applyMigrations } from './migrate.ts'
export { type PlatformKey, type PlatformObjectRow, type PlatformWrite, type Written } from './platform-object-repo.ts'
export { type OrganisationScope } from './scope.ts'
export { type DatabaseTrouble, databaseTrouble } from './trouble.ts'
export { clockToleranceMs, endAfter, isValid, validityNow } from './validity.ts'
export { type EngineBinding, type SpanningEngineRow } from './spanning-engine-repo.ts'
